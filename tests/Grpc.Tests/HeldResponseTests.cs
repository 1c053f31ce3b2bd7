using System.Buffers;
using System.IO.Pipelines;
using Grpc.AspNetCore.Server.Calls;

namespace Grpc.Tests;

/// <summary>
/// Messages that may not leave yet stay out of Kestrel's response: bytes in it that are not flushed make its connection's writer run in circles,
/// and a few such connections take every thread of the pool for a second and more.
/// </summary>
public sealed class HeldResponseTests
{
    private const int ReaderBehindAt = 64;

    private readonly object _gate = new();
    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: ReaderBehindAt, resumeWriterThreshold: 1, useSynchronizationContext: false));
    private readonly ResponseFlush _flush;

    public HeldResponseTests() => _flush = new(_pipe.Writer, maxBytes: null, _gate);

    [Fact]
    public void A_message_with_a_hint_to_wait_is_held_outside_of_the_response()
    {
        Write(10, isDue: true);
        Write(20, isDue: false);

        Assert.Equal(0, _pipe.Writer.UnflushedBytes);
        Assert.Equal(10, Arrived());
    }

    [Fact]
    public async Task Messages_that_follow_another_are_held_outside_of_the_response()
    {
        lock (_gate)
        {
            // The thread that would take them along waits for the gate.
            Write(10, isDue: true);
            Write(10, isDue: true);
            Write(10, isDue: true);
            Assert.Equal(0, _pipe.Writer.UnflushedBytes);
            Assert.Equal(10, Arrived());
        }

        Assert.Equal(20, await ArriveAsync(20));
    }

    [Fact]
    public async Task Messages_behind_a_slow_reader_are_held_outside_of_the_response_and_follow_in_order()
    {
        var first = Write(ReaderBehindAt, isDue: true, fill: 1);
        var second = Write(10, isDue: true, fill: 2);
        var third = Write(10, isDue: false, fill: 3);

        Assert.False(first.IsCompleted);
        Assert.True(second.IsCompleted && third.IsCompleted);
        lock (_gate)
            Assert.Equal(0, _pipe.Writer.UnflushedBytes);

        var read = await _pipe.Reader.ReadAtLeastAsync(ReaderBehindAt).AsTask().WaitAsync(EchoHost.Patience);
        Assert.Equal(ReaderBehindAt, read.Buffer.Length);
        _pipe.Reader.AdvanceTo(read.Buffer.End);
        read = await _pipe.Reader.ReadAtLeastAsync(20).AsTask().WaitAsync(EchoHost.Patience);
        Assert.Equal([.. Enumerable.Repeat<byte>(2, 10), .. Enumerable.Repeat<byte>(3, 10)], read.Buffer.ToArray());
    }

    [Fact]
    public void A_message_as_large_as_the_bound_goes_straight_into_the_response_and_leaves()
    {
        Write(10, isDue: true);
        Write(100_000, isDue: false);

        Assert.Equal(0, _pipe.Writer.UnflushedBytes);
        Assert.Equal(100_010, Arrived());
    }

    [Fact]
    public void What_is_held_when_the_handler_is_done_is_handed_over_for_the_end_of_the_response()
    {
        Write(10, isDue: false);

        lock (_gate)
            Assert.True(_flush.End().IsCompletedSuccessfully);

        Assert.Equal(10, _pipe.Writer.UnflushedBytes);
    }

    [Fact]
    public void What_is_held_when_the_deadline_passes_is_lost()
    {
        Write(10, isDue: false);

        lock (_gate)
            _flush.CutShort();

        Assert.Equal(0, _pipe.Writer.UnflushedBytes);
    }

    private Task Write(int bytes, bool isDue, byte fill = 0)
    {
        lock (_gate)
        {
            _flush.GetSpan(bytes)[..bytes].Fill(fill);
            _flush.Advance(bytes);
            return _flush.Wrote(isDue);
        }
    }

    private long Arrived() => _pipe.Reader.TryRead(out var read) ? Take(read) : 0;

    private async Task<long> ArriveAsync(int bytes) =>
        Take(await _pipe.Reader.ReadAtLeastAsync(bytes).AsTask().WaitAsync(EchoHost.Patience));

    private long Take(ReadResult read)
    {
        var bytes = read.Buffer.Length;
        _pipe.Reader.AdvanceTo(read.Buffer.End);
        return bytes;
    }
}
