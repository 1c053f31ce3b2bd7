using System.Net;
using Grpc.Health.V1;
using Grpc.Net.Client;
using Streams.Contracts.V1;

namespace Gateway.Tests;

/// <summary>What a gateway says of itself over HTTP.</summary>
public sealed class AdminTests
{
    [Fact]
    public async Task Without_Kafka_it_is_alive_and_not_ready_and_says_why_until_Kafka_answers()
    {
        await using var bench = await GatewayBench.StartAsync(brokerStopped: true);
        using var browser = new HttpClient { BaseAddress = new Uri(bench.AdminAddress) };

        using (var ready = await browser.GetAsync("/readyz"))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
            Assert.StartsWith(
                $"not ready\nkafka: The gateway does not reach Kafka at {bench.Options.Kafka.BootstrapServers}",
                await ready.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        Assert.Equal("alive\n", await browser.GetStringAsync("/healthz"));
        await bench.Broker.StartAgainAsync();

        await ReadyAsync(bench, browser, HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_gRPC_health_service_tells_of_the_same_readiness()
    {
        await using var bench = await GatewayBench.StartAsync(brokerStopped: true);
        using var channel = GrpcChannel.ForAddress(bench.Address);
        using var watch = new Health.HealthClient(channel).Watch(new HealthCheckRequest { Service = Streams.Contracts.V1.Ingest.Descriptor.FullName }, cancellationToken: bench.Limit);

        Assert.True(await watch.ResponseStream.MoveNext(bench.Limit));
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.NotServing, watch.ResponseStream.Current.Status);
        await bench.Broker.StartAgainAsync();
        Assert.True(await watch.ResponseStream.MoveNext(bench.Limit));
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, watch.ResponseStream.Current.Status);
    }

    [Fact]
    public async Task A_gateway_through_which_nobody_writes_notices_too_that_Kafka_is_lost_and_back()
    {
        await using var bench = await GatewayBench.StartAsync();
        using var browser = new HttpClient { BaseAddress = new Uri(bench.AdminAddress) };
        await ReadyAsync(bench, browser, HttpStatusCode.OK);

        await bench.Broker.StopAsync();
        await ReadyAsync(bench, browser, HttpStatusCode.ServiceUnavailable);
        Assert.Equal("alive\n", await browser.GetStringAsync("/healthz"));
        await bench.Broker.StartAgainAsync();

        await ReadyAsync(bench, browser, HttpStatusCode.OK);
    }

    [Fact]
    public async Task Its_counts_start_at_zero_and_grow_with_what_Kafka_holds()
    {
        await using var bench = await GatewayBench.StartAsync();
        using var browser = new HttpClient { BaseAddress = new Uri(bench.AdminAddress) };
        await ReadyAsync(bench, browser, HttpStatusCode.OK);
        var before = await browser.GetStringAsync("/metrics");
        Assert.Contains("\nstreams_gateway_ingest_records_total{level=\"error\"} 0\n", before, StringComparison.Ordinal);
        Assert.Contains("\ngrpc_server_started_total{grpc_method=\"ShipLogs\",grpc_service=\"streams.v1.Ingest\",grpc_type=\"bidi_stream\"} 0\n", before, StringComparison.Ordinal);

        using var stream = await bench.OpenAsync();
        await stream.SendAsync(1, new LogRecord { Message = "boom", Severity = Severity.Error });
        await stream.NextAsync();

        string after;
        do
        {
            bench.Limit.ThrowIfCancellationRequested();
            after = await browser.GetStringAsync("/metrics");
        }
        while (!after.Contains("streams_gateway_sink_records_total{result=\"acknowledged\",sink=\"kafka\"} 1\n", StringComparison.Ordinal));
        Assert.Contains("\nstreams_gateway_ingest_records_total{level=\"error\"} 1\n", after, StringComparison.Ordinal);
        Assert.Contains("\nstreams_gateway_streams_active{method=\"ShipLogs\"} 1\n", after, StringComparison.Ordinal);
        Assert.Contains("\nstreams_gateway_inflight_records 0\n", after, StringComparison.Ordinal);
    }

    private static async Task ReadyAsync(GatewayBench bench, HttpClient browser, HttpStatusCode expected)
    {
        while (true)
        {
            using var answer = await browser.GetAsync("/readyz", bench.Limit);
            if (answer.StatusCode == expected)
                return;
            await Task.Delay(20, bench.Limit);
        }
    }
}
