using System.Buffers;
using System.Threading.Tasks.Sources;
using Grpc.Core;
using Grpc.Wire;

namespace Grpc.Net.Client.Calls;

/// <summary>The way of a call's requests into its request stream: decides when they leave.</summary>
/// <remarks>
/// <para>A request that stands alone leaves at once. While requests are on their way to the HTTP handler, which asks as much for one as for many, those
/// that follow gather here; they leave together as soon as it has taken what was before them. Nothing waits for a request that may never come.</para>
/// <para>Whoever has written a request that gathers does not wait for it. Where it cannot leave, nor can the next, whose writer is told.</para>
/// </remarks>
internal sealed class RequestFlush : OutgoingMessage, IValueTaskSource
{
    private const int BufferBytes = 32 * 1024;

    /// <summary>Bytes from which on whoever writes waits until they are taken up: a small request more, and the buffer would have to grow.</summary>
    private const int HeldBytesMax = BufferBytes - (2 * 1024);

    private readonly Lock _gate = new();
    private readonly RequestStreamContent _content;
    private readonly CancellationToken _stopped;
    private ManualResetValueTaskSourceCore<bool> _wake;
    private byte[]? _gathered;
    private int _gatheredBytes;
    private bool _isDue;
    private bool _isLeaving = true;
    private bool _isOver;
    private TaskCompletionSource? _taken;
    private TaskCompletionSource? _ended;
    private Exception? _failure;

    /// <param name="content">The request's body, which says when the call is over.</param>
    /// <param name="call">The call.</param>
    public RequestFlush(RequestStreamContent content, ClientCall call)
        : base(call.Channel.MaxSendMessageBytes)
    {
        (_content, _stopped) = (content, call.Stopped);
        content.Attach(this);
        _ = LeaveAsync();
    }

    private Exception Failure => _failure ?? new OperationCanceledException("The call is over.");

    /// <summary>Writes a request. To be awaited before the next is written.</summary>
    /// <param name="message">The request.</param>
    /// <param name="marshaller">Its marshaller.</param>
    /// <param name="compressor">What it is compressed with; null for nothing.</param>
    /// <param name="isDue">False where it may wait for those that follow.</param>
    /// <exception cref="RpcException">The request cannot be written; the stream is as it was before.</exception>
    public Task WriteAsync<T>(T message, Marshaller<T> marshaller, MessageCompressor? compressor, bool isDue)
    {
        lock (_gate)
        {
            if (_isOver)
                return Task.FromException(Failure);
            Write(message, marshaller, compressor);
            if (!IsToWake(isDue))
                return Taken();
        }

        return WakeThenTaken();
    }

    /// <summary>Writes a request that is whole already, prefix and all. To be awaited before the next is written.</summary>
    public Task WriteAsync(ReadOnlySpan<byte> frame)
    {
        lock (_gate)
        {
            if (_isOver)
                return Task.FromException(Failure);
            frame.CopyTo(Reserve(frame.Length).Span);
            Commit(frame.Length);
            if (!IsToWake(isDue: true))
                return Taken();
        }

        return WakeThenTaken();
    }

    /// <summary>No request follows: the stream ends once what is held has left. Completes then, or when the call is over.</summary>
    public Task EndAsync()
    {
        var isWaking = false;
        lock (_gate)
        {
            // An end that followed lost requests would tell the server that it has them all. The response tells why they were lost.
            if (_isOver)
                return Task.CompletedTask;
            if (_gatheredBytes > 0 || (_isLeaving && _content.Opened.IsCompleted))
            {
                _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
                isWaking = IsToWake(isDue: true);
            }
        }

        if (_ended is null)
            _content.Complete();
        else if (isWaking)
            _wake.SetResult(true);
        return _ended?.Task ?? Task.CompletedTask;
    }

    /// <summary>The call is over: what is held is lost, and whoever waits is let go.</summary>
    public void Stop() => GiveUp(failure: null);

    void IValueTaskSource.GetResult(short token) => _wake.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _wake.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _wake.OnCompleted(continuation, state, token, flags);

    protected override Memory<byte> Reserve(int frameBytes)
    {
        // What is alone leaves at once; what gathers is likely to be followed.
        _gathered ??= ArrayPool<byte>.Shared.Rent(_isLeaving ? Math.Max(frameBytes, BufferBytes) : frameBytes);
        if (_gathered.Length - _gatheredBytes < frameBytes)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(checked(_gatheredBytes + frameBytes), BufferBytes));
            _gathered.AsSpan(0, _gatheredBytes).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_gathered);
            _gathered = larger;
        }

        return _gathered.AsMemory(_gatheredBytes);
    }

    protected override void Commit(int frameBytes) => _gatheredBytes += frameBytes;

    private bool IsToWake(bool isDue)
    {
        _isDue |= isDue || _gatheredBytes >= HeldBytesMax;
        if (!_isDue || _isLeaving)
            return false;
        _isLeaving = true;
        return true;
    }

    private Task WakeThenTaken()
    {
        // What stands alone is on its way when this returns.
        _wake.SetResult(true);
        lock (_gate)
            return _isOver ? Task.FromException(Failure) : Taken();
    }

    // Before the stream is open nobody knows whether there is a server, so nobody writes ahead.
    private Task Taken() => _gatheredBytes >= HeldBytesMax || (_gatheredBytes > 0 && _isDue && !_content.Opened.IsCompletedSuccessfully)
        ? (_taken ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task
        : Task.CompletedTask;

    // One loop for the whole call, so that no request costs a task.
    private async Task LeaveAsync()
    {
        try
        {
            var stream = await _content.Opened.ConfigureAwait(false);
            while (true)
            {
                bool isLast;
                while (TryTake(out var batch, out isLast))
                {
                    try
                    {
                        await stream.WriteAsync(batch, _stopped).ConfigureAwait(false);
                    }
                    finally
                    {
                        ArrayPool<byte>.Shared.Return(batch.Array!);
                    }

                    // The end of the stream takes along what is before it.
                    if (!isLast)
                        await stream.FlushAsync(_stopped).ConfigureAwait(false);
                }

                if (isLast)
                {
                    _content.Complete();
                    _ended!.TrySetResult();
                    return;
                }

                await new ValueTask(this, _wake.Version).ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            GiveUp(exception);
        }
    }

    /// <summary>Takes what has gathered; false where nothing is to leave for now.</summary>
    private bool TryTake(out ArraySegment<byte> batch, out bool isLast)
    {
        TaskCompletionSource? taken;
        lock (_gate)
        {
            isLast = _ended is not null;
            if (!_isDue || _gatheredBytes == 0)
            {
                batch = default;
                _isLeaving = isLast;
                _wake.Reset();
                return false;
            }

            batch = new(_gathered!, 0, _gatheredBytes);
            (_gathered, _gatheredBytes, _isDue) = (null, 0, false);
            taken = _taken;
            _taken = null;
        }

        taken?.SetResult();
        return true;
    }

    private void GiveUp(Exception? failure)
    {
        TaskCompletionSource? taken;
        lock (_gate)
        {
            if (_isOver)
                return;
            (_isOver, _failure) = (true, failure);
            if (_gathered is not null)
                ArrayPool<byte>.Shared.Return(_gathered);
            (_gathered, _gatheredBytes) = (null, 0);
            taken = _taken;
        }

        taken?.SetException(Failure);
        _ended?.TrySetResult();
    }
}
