using System.Text.Json;
using Gateway.Forwarding;
using Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using Streams.Contracts;
using Streams.Contracts.V1;
using TestKit;

namespace Gateway.Tests.Forwarding;

/// <summary>A real Fluentd with the configurations that are shipped, from a gateway to what they write.</summary>
public sealed class RealFluentdTests
{
    [SkippableTheory]
    [InlineData("elasticsearch.conf")]
    [InlineData("files.conf")]
    [InlineData("kafka.conf")]
    [InlineData("kafka-topics.conf")]
    public async Task It_takes_every_parameter_of_a_configuration(string file)
    {
        Skip.IfNot(RealFluentd.Missing is null, RealFluentd.Missing);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));

        var (exitCode, said) = await RealFluentd.DryRunAsync(RepositoryFiles.Path("fluentd", file), limit.Token);

        Skip.If(said.Contains("Unknown output plugin", StringComparison.Ordinal), $"this Fluentd lacks a plugin that {file} needs");
        Assert.True(exitCode == 0, said);
        Assert.DoesNotContain("[error]", said, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"\[warn\].* parameter '.*' in <", said);
    }

    [SkippableFact]
    public async Task Over_TLS_and_with_a_shared_key_every_record_is_in_its_severitys_file_with_its_time_and_its_id()
    {
        Skip.IfNot(RealFluentd.Missing is null, RealFluentd.Missing);
        using var certificates = new TestCertificates();
        var (_, certificate, key) = certificates.Issue("fluentd.example");
        var (_, gatewayCertificate, gatewayKey) = certificates.Issue("gateway.example");
        await using var fluentd = await RealFluentd.StartAsync(
            "files.conf",
            text => WithKey(text).Replace(
                "  skip_invalid_event true\n",
                $"  skip_invalid_event true\n  <transport tls>\n    cert_path {certificate}\n    private_key_path {key}\n    client_cert_auth true\n    ca_path {certificates.CaFile}\n  </transport>\n",
                StringComparison.Ordinal),
            ("FLUENT_SHARED_KEY", "sésame"));
        await using var bench = await StartAsync(fluentd, f =>
        {
            f.SharedKey = "sésame";
            f.Tls = new FluentdTlsOptions
            {
                Enabled = true, CaFile = certificates.CaFile, ServerName = "fluentd.example", CertificateFile = gatewayCertificate, KeyFile = gatewayKey,
            };
        });
        using var agent = await bench.OpenAsync("web-1", epoch: 7);
        var error = agent.Record("naïve ☃");
        (error.Severity, error.Time) = (Severity.Error, new() { Seconds = 1_700_000_000, Nanos = 123_456_789 });

        await agent.SendAsync(1, error);
        await agent.SendAsync(2, 999);
        await AcknowledgedAsync(agent, 1_000);
        await fluentd.StopAsync(bench.Limit);

        var written = fluentd.Written("archive").Select(line => (line.Folder, Json: JsonDocument.Parse(line.Line).RootElement)).ToList();
        Assert.Equal(Enumerable.Range(1, 1_000).Select(n => $"web-1:7:{n}").Order(), written.Select(line => Text(line.Json, "event_id")).Order());
        var (folder, json) = written.Single(line => Text(line.Json, "event_id") == "web-1:7:1");
        Assert.Equal(
            ("logs.error", "naïve ☃", "2023-11-14T22:13:20.123456789Z", "web-1"),
            (folder, Text(json, "message"), Text(json, "time"), Text(json, "node")));
        Assert.Equal(999, written.Count(line => line.Folder == "logs.info"));
    }

    [SkippableFact]
    public async Task A_key_that_is_not_Fluentds_is_refused_and_a_probe_says_so()
    {
        Skip.IfNot(RealFluentd.Missing is null, RealFluentd.Missing);
        await using var fluentd = await RealFluentd.StartAsync("files.conf", WithKey, ("FLUENT_SHARED_KEY", "right"));
        await using var bench = await StartAsync(fluentd, f => f.SharedKey = "wrong");

        await bench.UntilAsync(() => Task.FromResult(bench.Trouble("fluentd")?.Contains("shared_key mismatch", StringComparison.Ordinal) is true));
    }

    [SkippableFact]
    public async Task Killed_between_receipt_and_acknowledgement_and_started_again_it_has_every_record_that_an_agent_was_acknowledged()
    {
        Skip.IfNot(RealFluentd.Missing is null, RealFluentd.Missing);
        await using var fluentd = await RealFluentd.StartAsync("files.conf");
        await using var bench = await StartAsync(fluentd, f => f.ChunkBytesMax = 16 << 10, o => o.AcknowledgeTimeout = TimeSpan.FromMinutes(1));
        using var agent = await bench.OpenAsync("web-1", epoch: 7);
        using var meter = new SinkMeter(bench);

        for (var kill = 0; kill < 3; kill++)
        {
            for (var batch = 0; batch < 10; batch++)
                await agent.SendAsync((ulong)(kill * 2_000 + batch * 200 + 1), 200);
            await meter.ReachAsync("acknowledged", kill * 2_000 + 200, bench.Limit);
            await fluentd.KillAsync(bench.Limit);
            await fluentd.StartAgainAsync();
            await AcknowledgedAsync(agent, (ulong)(kill + 1) * 2_000);
        }

        await fluentd.StopAsync(bench.Limit);

        var written = fluentd.Written("archive").Select(line => Text(JsonDocument.Parse(line.Line).RootElement, "event_id")).ToHashSet();
        Assert.All(Enumerable.Range(1, 6_000), n => Assert.Contains($"web-1:7:{n}", written));
    }

    [SkippableFact]
    public async Task Writing_the_topics_itself_it_writes_what_the_gateway_would_have_written_in_each_nodes_order()
    {
        Skip.IfNot(RealFluentd.Missing is null, RealFluentd.Missing);
        const int records = 2_000;
        var port = UnusedPort.Take();
        await using var bench = await ForwardingTests.StartAsync(port, f =>
        {
            f.Delivery = ForwardDelivery.Required;
            f.IncludeProtobuf = true;
        }, o =>
        {
            (o.Topics.Logs, o.Topics.Heartbeats) = ("gateway-logs", "gateway-heartbeats");
            o.AcknowledgeTimeout = TimeSpan.FromMinutes(1);
        });
        await MakeTopicsAsync(bench, new TopicNames());
        await using var fluentd = await RealFluentd.StartAtAsync(port, "kafka-topics.conf", environment: ("KAFKA_BROKERS", bench.Broker.BootstrapServers));
        using var agent = await bench.OpenAsync("web-1", epoch: 7);
        var error = agent.Record("naïve ☃, an error among others");
        error.Severity = Severity.Error;

        for (var batch = 0; batch < 4; batch++)
            await agent.SendAsync((ulong)(batch * records / 4 + 1), [.. Enumerable.Range(0, records / 4).Select(i => i == 7 ? error.Clone() : agent.Record($"line {i} of {batch}"))]);
        await AcknowledgedAsync(agent, records);
        using (var call = bench.Client().ReportHeartbeats(cancellationToken: bench.Limit))
        {
            await call.RequestStream.WriteAsync(new Heartbeat { NodeId = "web-1", Position = new Position { Epoch = 7, Sequence = 1 }, Sent = new() { Seconds = 1_700_000_000 } });
            Assert.True(await call.ResponseStream.MoveNext(bench.Limit));
        }

        await fluentd.StopAsync(bench.Limit);

        var byGateway = bench.ReadTopic("gateway-logs");
        var byFluentd = bench.ReadTopic("logs");
        Assert.Equal(records, byFluentd.Count);
        Assert.Equal(byGateway.Select(r => r.Value), byFluentd.Select(r => r.Value));
        Assert.All(byFluentd, r => Assert.Equal(("web-1", byFluentd[0].Partition), (r.Key, r.Partition)));
        var beat = Assert.Single(bench.ReadTopic("heartbeats"));
        Assert.Equal("web-1", beat.Key);
        Assert.Equal(Assert.Single(bench.ReadTopic("gateway-heartbeats")).Value, beat.Value);
    }

    [SkippableFact]
    public async Task In_Kafka_every_record_is_json_under_its_nodes_key_with_its_tag_its_time_and_its_id()
    {
        Skip.IfNot(RealFluentd.Missing is null, RealFluentd.Missing);
        var port = UnusedPort.Take();
        await using var bench = await ForwardingTests.StartAsync(port, f => f.Delivery = ForwardDelivery.Required, o => o.AcknowledgeTimeout = TimeSpan.FromMinutes(1));
        await MakeTopicsAsync(bench, new TopicNames { Logs = "fluentd-logs", Heartbeats = "fluentd-heartbeats" });
        await using var fluentd = await RealFluentd.StartAtAsync(port, "kafka.conf", environment: ("KAFKA_BROKERS", bench.Broker.BootstrapServers));
        using var agent = await bench.OpenAsync("web-1", epoch: 7);
        var error = agent.Record("naïve ☃");
        (error.Severity, error.Time) = (Severity.Error, new() { Seconds = 1_700_000_000, Nanos = 123_456_789 });

        await agent.SendAsync(1, error);
        await agent.SendAsync(2, 499);
        await AcknowledgedAsync(agent, 500);
        await fluentd.StopAsync(bench.Limit);

        var records = bench.ReadTopic("fluentd-logs").Select(r => (r.Key, Json: JsonDocument.Parse(r.Value).RootElement)).ToList();
        Assert.Equal(Enumerable.Range(1, 500).Select(n => $"web-1:7:{n}").Order(), records.Select(r => Text(r.Json, "event_id")).Order());
        Assert.All(records, r => Assert.Equal("web-1", r.Key));
        var (_, json) = records.Single(r => Text(r.Json, "event_id") == "web-1:7:1");
        Assert.Equal(("logs.error", "naïve ☃", "2023-11-14T22:13:20.123456789Z"), (Text(json, "tag"), Text(json, "message"), Text(json, "time")));
    }

    [SkippableFact]
    public async Task In_Elasticsearch_a_record_that_comes_again_is_the_same_document()
    {
        Skip.IfNot(RealFluentd.Missing is null, RealFluentd.Missing);
        Skip.IfNot(RealElasticsearch.OwnMissing is null, RealElasticsearch.OwnMissing);
        await using var elasticsearch = await RealElasticsearch.StartOwnAsync();
        await using var fluentd = await RealFluentd.StartAsync("elasticsearch.conf", environment: ("ELASTICSEARCH_URL", elasticsearch.Url));
        await using var bench = await StartAsync(fluentd);

        // Twice the same: an agent that did not get its acknowledgement.
        for (var time = 0; time < 2; time++)
        {
            using var agent = await bench.OpenAsync("web-1", epoch: 7);
            await agent.SendAsync(1, 500);
            await AcknowledgedAsync(agent, 500);
        }

        await fluentd.StopAsync(bench.Limit);

        using var http = new HttpClient { BaseAddress = new Uri(elasticsearch.Url) };
        await http.PostAsync("/_refresh", null, bench.Limit);
        var found = JsonDocument.Parse(await http.GetStringAsync("/fluentd-*/_search?size=1000", bench.Limit)).RootElement.GetProperty("hits").GetProperty("hits");
        Assert.Equal(Enumerable.Range(1, 500).Select(n => $"web-1:7:{n}").Order(), found.EnumerateArray().Select(hit => Text(hit, "_id")).Order());
        Assert.All(found.EnumerateArray(), hit => Assert.Equal("web-1", Text(hit.GetProperty("_source"), "node")));
    }

    private static string WithKey(string text) => text.Replace("  #<", "  <", StringComparison.Ordinal).Replace("  #  ", "    ", StringComparison.Ordinal);

    private static string? Text(JsonElement json, string name) => json.GetProperty(name).GetString();

    private static async Task AcknowledgedAsync(AgentStream agent, ulong through)
    {
        while ((await agent.AckAsync()).ThroughSequence < through)
        {
        }
    }

    private static async Task MakeTopicsAsync(GatewayBench bench, TopicNames names)
    {
        using var admin = new ConfluentLogClient(bench.Options.Kafka, NullLoggerFactory.Instance).CreateAdmin();
        await admin.CreateTopicsAsync(names.Specifications(), bench.Limit);
    }

    // Fluentd's start takes seconds.
    private static Task<GatewayBench> StartAsync(RealFluentd fluentd, Action<FluentdOptions>? set = null, Action<GatewayOptions>? setGateway = null) =>
        ForwardingTests.StartAsync(fluentd.Port, f =>
        {
            f.Delivery = ForwardDelivery.Required;
            set?.Invoke(f);
        }, o =>
        {
            o.AcknowledgeTimeout = TimeSpan.FromMinutes(1);
            setGateway?.Invoke(o);
        });
}
