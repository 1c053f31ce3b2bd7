using Gateway.Otlp;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Logs.V1;
using Settings;

namespace Gateway.Tests.Otlp;

/// <summary>How much of OTLP requests a gateway holds at once, and what the sender of one too many hears.</summary>
public sealed class OtlpHeldBytesTests
{
    private const int KiB = 1 << 10;

    // Of these 1,024 KiB large requests may hold 768, and small ones are those of at most 32.
    private static void Limit(GatewayOptions options) => (options.Limits.OtlpRequestBytesMax, options.Limits.OtlpHeldBytesMax) = (700 * KiB, 1024 * KiB);

    [Theory]
    [InlineData("identity")]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task One_that_has_no_room_is_told_to_come_again_and_is_taken_then(string compression)
    {
        await using var bench = await StartAsync();
        var (client, compressed) = (Client(bench), new Metadata { { "grpc-internal-encoding-request", compression } });
        using var other = new StuckRequest(bench.Address, 500 * KiB);
        await HoldsAsync(bench, 500 * KiB);

        var refused = await Assert.ThrowsAsync<RpcException>(() => client.ExportAsync(Request(300, KiB), compressed).ResponseAsync);
        other.Cancel();
        await HoldsAsync(bench, 0);
        await client.ExportAsync(Request(300, KiB), compressed);

        Assert.Equal(StatusCode.Unavailable, refused.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(1), RetryDelay(refused));
        Assert.Equal(300, bench.ReadLogs().Count);
        await HoldsAsync(bench, 0);
        await CountsAsync(bench, "held_bytes", 1);
    }

    [Fact]
    public async Task It_is_refused_before_it_is_read()
    {
        await using var bench = await StartAsync();
        using var other = new StuckRequest(bench.Address, 500 * KiB);
        await HoldsAsync(bench, 500 * KiB);

        using var refused = new StuckRequest(bench.Address, 300 * KiB);

        // Of its 300 KiB it has sent 100 bytes, and sends no more.
        await CountsAsync(bench, "held_bytes", 1);
        Assert.Equal(500 * KiB, bench.Held.Now);
    }

    [Fact]
    public async Task Small_ones_have_room_when_large_ones_have_none()
    {
        await using var bench = await StartAsync();
        var client = Client(bench);
        using var other = new StuckRequest(bench.Address, 700 * KiB);
        await HoldsAsync(bench, 700 * KiB);

        for (var i = 0; i < 20; i++)
        {
            await Assert.ThrowsAsync<RpcException>(() => client.ExportAsync(Request(100, KiB)).ResponseAsync);
            await client.ExportAsync(Request(20, KiB));
        }

        Assert.Equal(400, bench.ReadLogs().Count);
    }

    [Theory]
    [InlineData("finished")]
    [InlineData("cancelled")]
    [InlineData("cut")]
    public async Task However_a_request_ends_its_room_is_free_again(string end)
    {
        await using var bench = await StartAsync();
        using var request = new StuckRequest(bench.Address, 500 * KiB);
        await HoldsAsync(bench, 500 * KiB);

        if (end == "finished")
            await request.FinishAsync();
        else if (end == "cancelled")
            request.Cancel();
        else
            request.CutConnection();

        await HoldsAsync(bench, 0);
    }

    [Fact]
    public async Task One_that_Kafka_does_not_take_leaves_its_room_and_its_sender_repeats_it()
    {
        await using var bench = await StartAsync(o => (o.AcknowledgeTimeout, o.KafkaReadyWait) = (TimeSpan.FromSeconds(1), TimeSpan.Zero));
        await bench.Broker.StopAsync();

        var failed = await Assert.ThrowsAsync<RpcException>(() => Client(bench).ExportAsync(Request(100, KiB)).ResponseAsync);

        Assert.Equal(StatusCode.Unavailable, failed.StatusCode);
        await HoldsAsync(bench, 0);
    }

    // 16 MiB of one letter are less than 200 KiB, compressed.
    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task One_that_is_small_only_while_compressed_is_counted_as_large_as_it_is(string compression)
    {
        await using var bench = await StartAsync();
        var (client, compressed) = (Client(bench), new Metadata { { "grpc-internal-encoding-request", compression } });
        using var other = new StuckRequest(bench.Address, 500 * KiB);
        await HoldsAsync(bench, 500 * KiB);
        var bomb = Request(1, 16 << 20);

        var withoutRoom = await Assert.ThrowsAsync<RpcException>(() => client.ExportAsync(bomb, compressed).ResponseAsync);
        other.Cancel();
        await HoldsAsync(bench, 0);
        var withRoom = await Assert.ThrowsAsync<RpcException>(() => client.ExportAsync(bomb, compressed).ResponseAsync);

        Assert.True(withoutRoom.StatusCode == StatusCode.Unavailable, withoutRoom.ToString());
        Assert.True(withRoom.StatusCode == StatusCode.ResourceExhausted, withRoom.ToString());
        Assert.Null(withRoom.Trailers.Get(Throttling.DetailsHeader));
        await HoldsAsync(bench, 0);
        await CountsAsync(bench, "held_bytes", 1);
        await CountsAsync(bench, "too_large", 1);
    }

    [Fact]
    public async Task Many_large_ones_at_once_are_all_taken_in_the_end_and_never_hold_more_than_the_bound()
    {
        const int senders = 24, records = 40;
        await using var bench = await StartAsync(o => (o.Limits.OtlpRequestBytesMax, o.Limits.OtlpHeldBytesMax) = (4 << 20, 8 << 20));
        var (refused, most) = (0, 0L);

        await Task.WhenAll(Enumerable.Range(0, senders).Select(async sender =>
        {
            var client = Client(bench);
            var request = Request(records, 64 * KiB, first: sender * records);
            var headers = new Metadata { { "grpc-internal-encoding-request", sender % 2 == 0 ? "identity" : "gzip" } };
            while (true)
            {
                try
                {
                    await client.ExportAsync(request, headers, cancellationToken: bench.Limit);
                    return;
                }
                catch (RpcException e) when (e.StatusCode == StatusCode.Unavailable)
                {
                    Interlocked.Increment(ref refused);
                    InterlockedMax(ref most, bench.Held.Now);
                    await Task.Delay(RetryDelay(e) / 20, bench.Limit);
                }
            }
        }));

        Assert.True(refused > 0, "All of them had room at once: nothing was tried.");
        Assert.InRange(most, 1, 8 << 20);
        Assert.Equal(senders * records, bench.ReadLogs().Select(r => r.Message[..10]).Distinct().Count());
        await HoldsAsync(bench, 0);
    }

    [Fact]
    public void A_bound_that_the_largest_request_would_never_fit_is_refused_at_start()
    {
        var options = new GatewayOptions { Limits = { OtlpRequestBytesMax = 64 << 20, OtlpHeldBytesMax = 80 << 20 } };

        var refused = Assert.Throws<SetupException>(() => GatewayHost.Build(options, logging => logging.ClearProviders(), TimeProvider.System));

        Assert.Contains("OtlpHeldBytesMax (83886080)", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void By_default_the_largest_request_fits() =>
        Assert.True(HeldBytes.LargeMax(new IngestLimits().OtlpHeldBytesMax) >= new IngestLimits().OtlpRequestBytesMax);

    private static async Task<GatewayBench> StartAsync(Action<GatewayOptions>? set = null)
    {
        var bench = await GatewayBench.StartAsync(set is null ? Limit : o =>
        {
            Limit(o);
            set(o);
        });
        (await bench.OpenAsync()).Dispose();
        return bench;
    }

    private static async Task HoldsAsync(GatewayBench bench, long bytes)
    {
        while (bench.Held.Now != bytes)
            await Task.Delay(5, bench.Limit);
    }

    private static async Task CountsAsync(GatewayBench bench, string reason, int requests)
    {
        using var browser = new HttpClient { BaseAddress = new Uri(bench.AdminAddress) };
        var line = $"streams_gateway_otlp_refused_total{{reason=\"{reason}\"}} {requests}\n";
        while (!(await browser.GetStringAsync("/metrics", bench.Limit)).Contains(line, StringComparison.Ordinal))
            await Task.Delay(5, bench.Limit);
    }

    // google.rpc.Status, its one detail, and what RetryInfo has in it: by the fields' numbers, as a sender reads them.
    private static TimeSpan RetryDelay(RpcException refused)
    {
        var details = new CodedInputStream(refused.Trailers.GetValueBytes(Throttling.DetailsHeader));
        Assert.Equal((1, (int)refused.StatusCode), (WireFormat.GetTagFieldNumber(details.ReadTag()), details.ReadInt32()));
        Assert.Equal((2, refused.Status.Detail), (WireFormat.GetTagFieldNumber(details.ReadTag()), details.ReadString()));
        Assert.Equal(3, WireFormat.GetTagFieldNumber(details.ReadTag()));
        var detail = new Any();
        details.ReadMessage(detail);
        Assert.Equal("type.googleapis.com/google.rpc.RetryInfo", detail.TypeUrl);
        var info = detail.Value.CreateCodedInput();
        Assert.Equal(1, WireFormat.GetTagFieldNumber(info.ReadTag()));
        var delay = new Duration();
        info.ReadMessage(delay);
        return delay.ToTimeSpan();
    }

    private static void InterlockedMax(ref long most, long value)
    {
        var before = Volatile.Read(ref most);
        while (value > before && Interlocked.CompareExchange(ref most, value, before) is var seen && seen != before)
            before = seen;
    }

    private static LogsService.LogsServiceClient Client(GatewayBench bench) => new(bench.Channel());

    private static ExportLogsServiceRequest Request(int records, int messageBytes, int first = 0)
    {
        var scope = new ScopeLogs();
        for (var i = 0; i < records; i++)
            scope.LogRecords.Add(new LogRecord { Body = new AnyValue { StringValue = $"{first + i:d10}".PadRight(messageBytes - 32, 'x') } });
        return new ExportLogsServiceRequest { ResourceLogs = { new ResourceLogs { ScopeLogs = { scope } } } };
    }
}
