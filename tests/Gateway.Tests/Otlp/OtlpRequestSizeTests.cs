using Gateway.Tests.Forwarding;
using Grpc.Core;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Logs.V1;
using TestKit;

namespace Gateway.Tests.Otlp;

/// <summary>How large a request may be, and what its sender hears where it is larger.</summary>
public sealed class OtlpRequestSizeTests
{
    [Fact]
    public async Task A_request_many_times_as_large_as_an_agents_batch_may_be_is_taken_whole()
    {
        const int records = 30_000;
        await using var bench = await GatewayBench.StartAsync(o => o.Limits.BufferBytesMax = 2 << 20);
        (await bench.OpenAsync()).Dispose();
        var request = Request(records, messageBytes: 400);
        Assert.True(request.CalculateSize() > 2 * bench.Options.Limits.MessageBytesMax);

        var response = await Client(bench).ExportAsync(request);

        Assert.Null(response.PartialSuccess);
        Assert.Equal(records, bench.ReadLogs().Select(r => r.Message).Distinct().Count());
    }

    // The specification: RESOURCE_EXHAUSTED without RetryInfo is not to be repeated. With it the Collector would send the same request for ever.
    [Theory]
    [InlineData("identity")]
    [InlineData("gzip")]
    public async Task A_larger_one_than_the_limit_is_refused_for_good_and_the_next_is_taken(string compression)
    {
        await using var bench = await GatewayBench.StartAsync(o => o.Limits.OtlpRequestBytesMax = 64 << 10);
        (await bench.OpenAsync()).Dispose();
        var (client, compressed) = (Client(bench), new Metadata { { "grpc-internal-encoding-request", compression } });

        var refused = await Assert.ThrowsAsync<RpcException>(() => client.ExportAsync(Request(100, messageBytes: 1_000), compressed).ResponseAsync);
        await client.ExportAsync(Request(50, messageBytes: 1_000), compressed);

        Assert.Equal(StatusCode.ResourceExhausted, refused.StatusCode);
        Assert.Contains("65536", refused.Status.Detail, StringComparison.Ordinal);
        Assert.Null(refused.Trailers.Get("grpc-status-details-bin"));
        Assert.Equal(50, bench.ReadLogs().Count);
    }

    [Fact]
    public async Task One_call_too_many_is_told_to_come_again()
    {
        await using var bench = await GatewayBench.StartAsync(o => o.Limits.StreamsMax = 1);
        using var only = await bench.OpenAsync();

        var refused = await Assert.ThrowsAsync<RpcException>(() => Client(bench).ExportAsync(Request(1, messageBytes: 10)).ResponseAsync);

        Assert.Equal(StatusCode.Unavailable, refused.StatusCode);
    }

    // agent.yaml makes batches of at most 900,000 bytes.
    [SkippableTheory]
    [InlineData("none")]
    [InlineData("gzip")]
    public async Task A_Collector_that_is_told_the_limit_splits_what_it_has(string compression)
    {
        Skip.IfNot(RealCollector.Missing is null, RealCollector.Missing);
        const int lines = 20_000;
        await using var bench = await GatewayBench.StartAsync(o => o.Limits.OtlpRequestBytesMax = 900_000);
        (await bench.OpenAsync()).Dispose();
        using var folder = new TempDirectory();
        await File.WriteAllLinesAsync(folder.Combine("app.log"), Enumerable.Range(1, lines).Select(i => $"line {i} {new string('x', 200)}"));
        using var meter = new SinkMeter(bench, "kafka");
        using var collector = RealCollector.Start(
            "agent.yaml", ("OTLP_PORT", $"{new Uri(bench.Address).Port}"), ("LOGS", folder.Combine("*.log")), ("STATE", folder.Combine("state")), ("COMPRESSION", compression));

        await meter.ReachAsync("acknowledged", lines, bench.Limit);
        await collector.StopAsync(bench.Limit);

        var stored = bench.ReadLogs();
        Assert.Equal(lines, stored.Select(r => r.Message).Distinct().Count());
        Assert.All(stored, r => Assert.Equal(("127.0.0.1", "app.log"), (r.NodeId, r.Source)));
    }

    private static LogsService.LogsServiceClient Client(GatewayBench bench) => new(bench.Channel());

    private static ExportLogsServiceRequest Request(int records, int messageBytes)
    {
        var scope = new ScopeLogs();
        for (var i = 0; i < records; i++)
            scope.LogRecords.Add(new LogRecord { Body = new AnyValue { StringValue = $"{i}".PadRight(messageBytes, 'x') } });
        return new ExportLogsServiceRequest { ResourceLogs = { new ResourceLogs { ScopeLogs = { scope } } } };
    }
}
