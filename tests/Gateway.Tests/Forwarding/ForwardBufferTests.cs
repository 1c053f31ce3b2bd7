using Fluentd;
using Gateway.Forwarding;
using Streams.Contracts.V1;

namespace Gateway.Tests.Forwarding;

/// <summary>What waits for Fluentd, chunk by chunk.</summary>
public sealed class ForwardBufferTests
{
    [Fact]
    public async Task A_chunk_keeps_to_its_limit_unless_a_single_event_is_larger()
    {
        var buffer = Buffer(o => (o.ChunkBytesMax, o.FlushInterval) = (16 << 10, TimeSpan.Zero));
        byte[] small = new byte[300], large = new byte[20_000];
        for (var i = 0; i < 500; i++)
            Assert.True(buffer.TryAppend(0, small, receipt: null));
        Assert.True(buffer.TryAppend(0, large, receipt: null));
        Assert.True(buffer.TryAppend(0, small, receipt: null));
        buffer.Flush();

        var chunks = new List<Chunk>();
        while (buffer.Records > 0)
        {
            var chunk = (await buffer.NextAsync(CancellationToken.None)).Chunk;
            chunks.Add(chunk);
            Assert.True(buffer.TryAcknowledge(chunk.Id, out _, out _));
        }

        Assert.Equal(502, chunks.Sum(chunk => chunk.Records));
        Assert.All(chunks, chunk => Assert.True(chunk.Message.Length <= 16 << 10 || chunk.Records == 1, $"{chunk.Records} records in {chunk.Message.Length} bytes"));
        Assert.All(chunks.SkipLast(3), chunk => Assert.True(chunk.Message.Length > 15 << 10, $"{chunk.Message.Length}"));
    }

    [Fact]
    public void To_encode_and_to_buffer_an_event_allocates_nothing()
    {
        var buffer = Buffer(o => o.ChunkBytesMax = 64 << 20);
        var encoder = new EventEncoder("gw1", includeProtobuf: false);
        var record = new LogRecord
        {
            NodeId = "web-1", Service = "orders", Message = "payment 4711 took 31 ms", Severity = Severity.Info, Source = "/var/log/orders.log",
            Time = new() { Seconds = 1_700_000_000 }, Observed = new() { Seconds = 1_700_000_001 }, Position = new Position { Epoch = 3, Sequence = 99 },
            Attributes = { ["zone"] = "eu-1", ["http.status"] = "507" },
        };
        // The chunk's buffer doubles at half a megabyte, and at a whole one again.
        while (buffer.Bytes < 600 << 10)
            buffer.TryAppend(0, encoder.Encode(record), receipt: null);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
            buffer.TryAppend(0, encoder.Encode(record), receipt: null);
        var bytes = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(0, bytes);
    }

    private static ForwardBuffer Buffer(Action<FluentdOptions> set)
    {
        var options = new FluentdOptions { Server = "fluentd", UnacknowledgedChunksMax = 1_000 };
        set(options);
        return new ForwardBuffer(EventTags.All(options), options, TimeProvider.System);
    }
}
