using Grpc.Core;
using Grpc.Net.Client.Calls;

namespace Grpc.Net.Client.Retries;

/// <summary>What a call has sent so far, kept while it may have to be sent again.</summary>
internal sealed class KeptRequests(RepetitionRules rules)
{
    private readonly Lock _gate = new();
    private readonly List<Frame> _frames = [];
    private readonly List<(ClientCall Attempt, Exception Exception)> _cutOff = [];
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Exception? _abandonment;
    private bool _isComplete;
    private ClientCall? _committed;
    private long _bytes;

    /// <summary>Adds a request, prefix and all; false where that is more than may be kept.</summary>
    /// <param name="bytes">The request.</param>
    /// <param name="sending">Completes once the request is on its way; at once while it is kept for later anyway.</param>
    public bool Add(byte[] bytes, out Task sending)
    {
        lock (_gate)
        {
            var fits = _committed is not null || (_bytes + bytes.Length <= (rules.BufferPerCallMax ?? long.MaxValue) && rules.TryKeep(bytes.Length));
            var frame = new Frame(bytes, isKept: _committed is null && fits);
            if (frame.IsKept)
                _bytes += bytes.Length;
            if (_abandonment is not null)
                frame.Sent.SetException(_abandonment);
            _frames.Add(frame);
            sending = _committed is not null || !fits ? frame.Sent.Task : Task.CompletedTask;
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
    /// <param name="attempt">The attempt that counts.</param>
    public void Commit(ClientCall attempt)
    {
        lock (_gate)
        {
            if (_committed is not null)
                return;
            _committed = attempt;
            rules.LetGo(_bytes);
            _bytes = 0;
            foreach (var (cutOff, exception) in _cutOff)
            {
                if (cutOff == attempt)
                    Abandon(exception);
            }
        }
    }

    /// <summary>The call is over: whoever waits for a request to be sent is told so.</summary>
    public void Abandon(Exception exception)
    {
        lock (_gate)
        {
            _abandonment ??= exception;
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
            var flush = new RequestFlush(content, call);
            for (var next = 0; ; next++)
            {
                Frame? frame;
                while ((frame = FrameAt(next, out var more)) is null)
                {
                    if (more is null)
                    {
                        await flush.EndAsync().ConfigureAwait(false);
                        return;
                    }

                    await more.WaitAsync(call.Stopped).ConfigureAwait(false);
                }

                await flush.WriteAsync(frame.Bytes).ConfigureAwait(false);
                frame.Sent.TrySetResult();
                lock (_gate)
                {
                    if (_committed is not null)
                        frame.Bytes = null;
                }
            }
        }
        catch (Exception exception)
        {
            // The attempt is over, or its server takes no more: its status says so. Once it counts, there is no other that would send.
            var failure = exception as RpcException ?? new RpcException(FailureStatus.Of(exception));
            lock (_gate)
            {
                if (_committed == call)
                    Abandon(failure);
                else
                    _cutOff.Add((call, failure));
            }
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
