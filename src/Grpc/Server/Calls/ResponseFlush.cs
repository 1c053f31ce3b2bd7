using System.Buffers;
using System.IO.Pipelines;
using Grpc.Wire;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>The way of a stream's messages into the response: decides when they leave.</summary>
/// <remarks>
/// <para>A message that stands alone leaves at once. Where a handler writes one after the other, those that follow leave together, as soon as another
/// thread gets to it: while one flush is on its way, the next batch gathers. Nothing waits for a message that may never come.</para>
/// <para>Everything here happens inside the call's gate, so that nothing is flushed after the call's end, when its response is another's.</para>
/// <para>What may not leave yet gathers here and not in the response. Kestrel counts bytes as to be sent from the moment that they are in the response,
/// but finds them only once they are flushed: in between its connection's writer runs in circles, and takes a thread of the pool with it.</para>
/// </remarks>
internal sealed class ResponseFlush : IThreadPoolWorkItem, IBufferWriter<byte>
{
    /// <summary>Bytes at which whoever writes waits until they have left. A message of this size is not copied, it goes straight into the response.</summary>
    private const int HeldBytesMax = 32 * 1024;

    private readonly PipeWriter _body;
    private readonly object _gate;
    private readonly GatheredBytes _gathered = new();
    private Task? _leaving;
    private bool _goesStraight;
    private bool _isDue;
    private bool _isQueued;
    private bool _followsAnother;
    private bool _isOver;
    private bool _isCutShort;

    /// <param name="body">The response's body.</param>
    /// <param name="maxBytes">How large a message may be; null for any size.</param>
    /// <param name="gate">The call's gate.</param>
    public ResponseFlush(PipeWriter body, int? maxBytes, object gate)
    {
        _body = body;
        _gate = gate;
        Messages = new(this, maxBytes);
    }

    /// <summary>Takes the messages, one by one. <see cref="Wrote"/> is told of each.</summary>
    public PipeMessage Messages { get; }

    public void Advance(int count)
    {
        if (_goesStraight)
            _body.Advance(count);
        else
            _gathered.Advance(count);
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        _goesStraight = sizeHint >= HeldBytesMax && _gathered.Length == 0 && _leaving is null;
        return _goesStraight ? _body.GetMemory(sizeHint) : _gathered.GetMemory(sizeHint);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <summary>A message is whole. To be awaited outside of the gate, before the next is written.</summary>
    /// <param name="isDue">False where its writer asked to hold it back for others.</param>
    public Task Wrote(bool isDue)
    {
        _isDue |= isDue;
        if (_goesStraight || _gathered.Length >= HeldBytesMax)
        {
            _isDue = true;
            return _leaving ?? Leave();
        }

        if (!_isDue)
            return Task.CompletedTask;
        if (!_followsAnother)
        {
            _followsAnother = true;
            return _leaving ?? Leave();
        }

        // What is leaving looks again once it has left.
        if (!_isQueued && _leaving is null)
        {
            _isQueued = true;
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }

        return Task.CompletedTask;
    }

    /// <summary>The handler waits for the client: the client may be waiting for what is held.</summary>
    public void LetGo()
    {
        _followsAnother = false;
        LeaveIfDue();
    }

    /// <summary>The handler is done. What is held leaves with its status, once what is leaving has left: to be awaited.</summary>
    public Task End()
    {
        _isOver = true;
        if (_leaving is not null)
            return _leaving;
        HandOver();
        return Task.CompletedTask;
    }

    /// <summary>The call is over before its handler is: what is held is lost.</summary>
    public void CutShort()
    {
        (_isOver, _isCutShort) = (true, true);
        _gathered.Release();
    }

    void IThreadPoolWorkItem.Execute()
    {
        lock (_gate)
        {
            _isQueued = false;
            LeaveIfDue();
        }
    }

    private void LeaveIfDue()
    {
        if (_isDue && _leaving is null && !_isOver)
            _ = Leave();
    }

    private Task Leave()
    {
        var flushing = Flush();
        if (flushing.IsCompletedSuccessfully)
        {
            _ = flushing.Result;
            return Task.CompletedTask;
        }

        // It ends inside the gate, which is ours: now, or after us.
        var leaving = LeaveAsync(flushing.AsTask());
        _leaving = leaving.IsCompleted ? null : leaving;
        return leaving;
    }

    // The client reads more slowly than the handler writes.
    private async Task LeaveAsync(Task<FlushResult> flushing)
    {
        while (true)
        {
            await flushing.ConfigureAwait(false);
            lock (_gate)
            {
                if (_isOver || !_isDue)
                {
                    if (_isOver && !_isCutShort)
                        HandOver();
                    _leaving = null;
                    return;
                }

                flushing = Flush().AsTask();
            }
        }
    }

    private ValueTask<FlushResult> Flush()
    {
        _isDue = false;
        HandOver();
        return _body.FlushAsync();
    }

    // Only to be followed by a flush or by the end of the response.
    private void HandOver()
    {
        if (_gathered.Length == 0)
            return;
        _body.Write(_gathered.Written.Span);
        _gathered.Release();
    }
}
