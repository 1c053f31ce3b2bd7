namespace Gateway.Tests.Forwarding;

/// <summary>What an operator sees of the forwarding in the gateway's metrics.</summary>
public sealed class ForwardMetricsTests
{
    [Fact]
    public async Task Fluentd_is_a_sink_beside_Kafka_and_every_metric_of_it_is_in_the_documentation()
    {
        await using var fluentd = new FakeFluentd();
        await using var bench = await ForwardingTests.StartAsync(fluentd, f => f.Delivery = Gateway.Forwarding.ForwardDelivery.Required);
        using var agent = await bench.OpenAsync();
        await agent.SendAsync(1, 10);
        await agent.AckAsync();

        using var browser = new HttpClient { BaseAddress = new Uri(bench.AdminAddress) };
        var lines = (await browser.GetStringAsync("/metrics", bench.Limit)).Split('\n');

        Assert.Contains("streams_gateway_sink_records_total{result=\"acknowledged\",sink=\"fluentd\"} 10", lines);
        Assert.Contains("streams_gateway_sink_records_total{result=\"acknowledged\",sink=\"kafka\"} 10", lines);
        Assert.Contains("streams_gateway_sink_queue_records{sink=\"fluentd\"} 0", lines);
        Assert.Contains("streams_gateway_sink_queue_records{sink=\"kafka\"} 0", lines);
        Assert.Contains("streams_gateway_sink_connected{sink=\"fluentd\"} 1", lines);
        var types = lines.Where(line => line.StartsWith("# TYPE streams_gateway_", StringComparison.Ordinal)).Select(line => line.Split(' ')).ToList();
        Assert.Equal(types.Count, types.Select(type => type[2]).Distinct().Count());
        var documented = await File.ReadAllTextAsync(RepositoryFiles.Path("docs", "metrics.md"), bench.Limit);
        Assert.All(types, type => Assert.Contains($"| `{type[2]}` | {type[3]} |", documented, StringComparison.Ordinal));
    }
}
