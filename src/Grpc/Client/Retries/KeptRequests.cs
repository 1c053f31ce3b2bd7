using Grpc.Core;
using Grpc.Net.Client.Calls;

namespace Grpc.Net.Client.Retries;

/// <summary>What a call has sent so far, kept while it may have to be sent again.</summary>
internal sealed class KeptRequests(RepetitionRules rules)
{
    private readonly Lock _gate = new();
    private readonly List<Frame> _frames = [];
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isComplete;
    private bool _isCommitted;
    private long _bytes;

    /// <summary>Adds a request, prefix and all; false where that is more than may be kept.</summary>
    /// <param name="bytes">The request.</param>
    /// <param name="sending">Completes once the request is sent; at once while it is kept for later anyway.</param>
    public bool Add(byte[] bytes, out Task sending)
    {
        lock (_gate)
        {
            var fits = _isCommitted || (_bytes + bytes.Length <= (rules.BufferPerCallMax ?? long.MaxValue) && rules.TryKeep(bytes.Length));
            var frame = new Frame(bytes, isKept: !_isCommitted && fits);
            if (frame.IsKept)
                _bytes += bytes.Length;
            _frames.Add(frame);
            sending = _isCommitted || !fits ? frame.Sent.Task : Task.CompletedTask;
            Wake();
            return fits;
        }
    }

    public void Complete()
    {
        lock (_gate)
        {
            _isComplete = true;
            Wake();
        }
    }

    /// <summary>Nothing will be sent again: what was sent is let go.</summary>
    public void Commit()
    {
        lock (_gate)
        {
            if (_isCommitted)
                return;
            _isCommitted = true;
            rules.LetGo(_bytes);
            _bytes = 0;
        }
    }

    /// <summary>The call is over: whoever waits for a request to be sent is told so.</summary>
    public void Abandon(Exception exception)
    {
        lock (_gate)
        {
            foreach (var frame in _frames)
            {
                if (frame.Sent.TrySetException(exception))
                    _ = frame.Sent.Task.Exception;
            }
        }
    }

    /// <summary>Sends everything from the beginning, and what follows as it comes, until the call is complete or over.</summary>
    public async Task SendAsync(RequestStreamContent content, ClientCall call)
    {
        try
        {
            var stream = await content.Opened.ConfigureAwait(false);
            for (var next = 0; ; next++)
            {
                Frame? frame;
                while ((frame = FrameAt(next, out var more)) is null)
                {
                    if (more is null)
                    {
                        content.Complete();
                        return;
                    }

                    await more.WaitAsync(call.Stopped).ConfigureAwait(false);
                }

                await stream.WriteAsync(frame.Bytes, call.Stopped).ConfigureAwait(false);
                await stream.FlushAsync(call.Stopped).ConfigureAwait(false);
                frame.Sent.TrySetResult();
                lock (_gate)
                {
                    if (_isCommitted)
                        frame.Bytes = null;
                }
            }
        }
        catch (Exception exception)
        {
            // The attempt is over, or its server takes no more: its status says so. A committed call has no other that would send.
            if (_isCommitted)
                Abandon(exception is RpcException ? exception : new RpcException(FailureStatus.Of(exception)));
        }
    }

    private Frame? FrameAt(int index, out Task? more)
    {
        lock (_gate)
        {
            more = _isComplete ? null : _more.Task;
            return index < _frames.Count ? _frames[index] : null;
        }
    }

    private void Wake()
    {
        var more = _more;
        _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
        more.SetResult();
    }

    private sealed class Frame(byte[] bytes, bool isKept)
    {
        public byte[]? Bytes { get; set; } = bytes;

        public bool IsKept { get; } = isKept;

        public TaskCompletionSource Sent { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
