using Gateway.Otlp;
using Gateway.Tests.Forwarding;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Logs.V1;
using OpenTelemetry.Proto.Resource.V1;
using OpenTelemetry.Resources;
using Streams.Contracts.V1;
using TestKit;
using Resource = OpenTelemetry.Proto.Resource.V1.Resource;
using OtlpRecord = OpenTelemetry.Proto.Logs.V1.LogRecord;

namespace Gateway.Tests.Otlp;

/// <summary>Logs that come by OpenTelemetry's protocol.</summary>
public sealed class OtlpLogsTests
{
    [Fact]
    public async Task A_record_is_in_Kafka_under_its_host_with_what_its_sender_said()
    {
        await using var bench = await GatewayBench.StartAsync();
        var request = Request(new OtlpRecord
        {
            TimeUnixNano = 1_700_000_000_123_456_789,
            SeverityNumber = (SeverityNumber)18,
            Body = Text("disk full"),
            Attributes =
            {
                new KeyValue { Key = "http.status", Value = new AnyValue { IntValue = 507 } },
                new KeyValue { Key = "zone", Value = Text("record wins") },
            },
            TraceId = ByteString.CopyFrom(Convert.FromHexString("0af7651916cd43dd8448eb211c80319c")),
            SpanId = ByteString.CopyFrom(Convert.FromHexString("b7ad6b7169203331")),
        });
        request.ResourceLogs[0].ScopeLogs[0].Scope = new InstrumentationScope { Name = "Orders.Checkout" };

        var response = await ExportAsync(bench, request);

        Assert.Null(response.PartialSuccess);
        var stored = Assert.Single(bench.ReadTopic("logs"));
        Assert.Equal("web-1", stored.Key);
        var record = Streams.Contracts.V1.LogRecord.Parser.ParseFrom(stored.Value);
        Assert.Equal(("web-1", "orders", 18, "disk full", "otlp"), (record.NodeId, record.Service, (int)record.Severity, record.Message, record.Source));
        Assert.Equal(new Timestamp { Seconds = 1_700_000_000, Nanos = 123_456_789 }, record.Time);
        Assert.Equal(("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"), (record.TraceId, record.SpanId));
        Assert.Equal(("507", "record wins", "Orders.Checkout"), (record.Attributes["http.status"], record.Attributes["zone"], record.Attributes["otel.scope.name"]));
        Assert.Null(record.Position);
    }

    [Fact]
    public async Task What_can_never_be_accepted_is_counted_and_the_rest_is_kept()
    {
        await using var bench = await GatewayBench.StartAsync(o => o.Limits.RecordBytesMax = 2_000);
        var request = Request(
            new OtlpRecord { Body = Text("good") },
            new OtlpRecord { Body = Text(new string('x', 3_000)) },
            new OtlpRecord { Body = Text("severe"), SeverityNumber = (SeverityNumber)99 });
        var longName = new Resource { Attributes = { new KeyValue { Key = "host.name", Value = Text(new string('n', 256)) } } };
        request.ResourceLogs.Add(new ResourceLogs { Resource = longName, ScopeLogs = { new ScopeLogs { LogRecords = { new OtlpRecord { Body = Text("from afar") } } } } });

        var response = await ExportAsync(bench, request);

        Assert.Equal(3, response.PartialSuccess.RejectedLogRecords);
        Assert.All(["2000", "99", "256"], said => Assert.Contains(said, response.PartialSuccess.ErrorMessage, StringComparison.Ordinal));
        Assert.Equal(["good"], bench.ReadLogs().Select(r => r.Message));
    }

    [Fact]
    public async Task Without_Kafka_the_sender_is_told_to_come_again()
    {
        await using var bench = await GatewayBench.StartAsync(o => o.AcknowledgeTimeout = TimeSpan.FromSeconds(1));
        await ExportAsync(bench, Request(new OtlpRecord { Body = Text("first") }));
        await bench.Broker.StopAsync();

        var refused = await Assert.ThrowsAsync<RpcException>(() => new LogsService.LogsServiceClient(bench.Channel())
            .ExportAsync(Request(new OtlpRecord { Body = Text("second") })).ResponseAsync);

        Assert.Equal(StatusCode.Unavailable, refused.StatusCode);
    }

    [Fact]
    public async Task They_are_forwarded_to_Fluentd_with_an_id_each()
    {
        await using var fluentd = new FakeFluentd();
        await using var bench = await ForwardingTests.StartAsync(fluentd, f => f.Delivery = Gateway.Forwarding.ForwardDelivery.Required);

        await ExportAsync(bench, Request(new OtlpRecord { Body = Text("one") }, new OtlpRecord { Body = Text("two") }));

        Assert.Equal(["one", "two"], fluentd.Events.Select(e => e.Fields["message"]));
        Assert.Equal(2, fluentd.Events.Select(e => e.Id).Distinct().Count());
        Assert.All(fluentd.Events, e => Assert.StartsWith("web-1:gw", e.Id, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("WARNING", 13)]
    [InlineData("err", 17)]
    [InlineData("Critical", 21)]
    [InlineData("chatty", 0)]
    public void Where_there_is_no_severity_number_its_usual_words_are_understood(string text, int severity) =>
        Assert.Equal((Severity)severity, Map(new OtlpRecord { SeverityText = text }).Severity);

    [Fact]
    public void A_body_of_several_values_is_written_as_json()
    {
        var body = new AnyValue { KvlistValue = new KeyValueList() };
        body.KvlistValue.Values.Add(new KeyValue { Key = "user", Value = Text("zoë") });
        body.KvlistValue.Values.Add(new KeyValue { Key = "tries", Value = new AnyValue { ArrayValue = new ArrayValue { Values = { new AnyValue { IntValue = 1 }, new AnyValue { BoolValue = true }, new AnyValue() } } } });

        Assert.Equal("""{"user":"zoë","tries":[1,true,null]}""", Map(new OtlpRecord { Body = body }).Message);
    }

    [Fact]
    public void Ids_that_are_none_are_left_out_and_a_missing_time_is_when_it_was_seen()
    {
        var record = Map(new OtlpRecord { TraceId = ByteString.CopyFrom(new byte[16]), SpanId = ByteString.CopyFrom(1, 2, 3), ObservedTimeUnixNano = 5_000_000_000 });

        Assert.Equal(("", ""), (record.TraceId, record.SpanId));
        Assert.Equal(5, record.Time.Seconds);
        Assert.Equal(9, Map(new OtlpRecord()).Time.Seconds);
    }

    [Theory]
    [InlineData("host.name", "h")]
    [InlineData("k8s.pod.name", "p")]
    [InlineData("service.name", "s")]
    public void The_node_is_the_first_name_that_the_resource_has(string highest, string node)
    {
        var names = new[] { ("host.name", "h"), ("k8s.pod.name", "p"), ("service.name", "s") };
        var resource = new Resource();
        foreach (var (name, value) in names.SkipWhile(n => n.Item1 != highest).Reverse())
            resource.Attributes.Add(new KeyValue { Key = name, Value = Text(value) });

        Assert.Equal(node, OtlpMapping.Node(resource));
    }

    [Theory]
    [InlineData("ipv4:10.1.2.3:4567", "10.1.2.3")]
    [InlineData("ipv6:[fd00::1]:4567", "fd00::1")]
    [InlineData("ipv6:[::ffff:10.1.2.3]:4567", "10.1.2.3")]
    [InlineData("unknown", "unknown")]
    public void A_sender_is_known_by_its_address(string peer, string node) => Assert.Equal(node, OtlpMapping.Address(peer));

    [Fact]
    public void A_line_of_a_file_says_which()
    {
        var line = new OtlpRecord { Attributes = { new KeyValue { Key = "log.file.name", Value = Text("app.log") } } };

        Assert.Equal("app.log", Map(line).Source);
        line.Attributes.Add(new KeyValue { Key = "log.file.path", Value = Text("/var/log/app.log") });
        Assert.Equal("/var/log/app.log", Map(line).Source);
    }

    [Fact]
    public async Task The_OpenTelemetry_SDK_for_DotNet_delivers()
    {
        await using var bench = await GatewayBench.StartAsync();
        (await bench.OpenAsync()).Dispose();
        await using var services = new ServiceCollection().AddLogging(logging => logging.AddOpenTelemetry(otel => otel
            .SetResourceBuilder(ResourceBuilder.CreateEmpty().AddAttributes([new("service.name", "shop"), new("host.name", "sdk-host")]))
            .AddOtlpExporter(exporter => (exporter.Endpoint, exporter.Protocol) = (new Uri(bench.Address), OtlpExportProtocol.Grpc)))).BuildServiceProvider();
        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("Shop.Orders");
        for (var i = 0; i < 100; i++)
            logger.LogWarning("order {Order} is late", i);

        // Disposal alone would give it five seconds.
        Assert.True(services.GetRequiredService<LoggerProvider>().ForceFlush(60_000));
        var stored = bench.ReadLogs();
        Assert.Equal(100, stored.Count);
        Assert.All(stored, r => Assert.Equal(("sdk-host", "shop", Severity.Warn), (r.NodeId, r.Service, r.Severity)));
        Assert.Contains(stored, r => r.Attributes["Order"] == "42" && r.Attributes["otel.scope.name"] == "Shop.Orders");
    }

    private static AnyValue Text(string text) => new() { StringValue = text };

    private static Streams.Contracts.V1.LogRecord Map(OtlpRecord record) => OtlpMapping.Map(record, "web-1", null, null, new Timestamp { Seconds = 9 });

    private static ExportLogsServiceRequest Request(params OtlpRecord[] records) => new()
    {
        ResourceLogs =
        {
            new ResourceLogs
            {
                Resource = new Resource
                {
                    Attributes =
                    {
                        new KeyValue { Key = "host.name", Value = Text("web-1") },
                        new KeyValue { Key = "service.name", Value = Text("orders") },
                        new KeyValue { Key = "zone", Value = Text("eu-1") },
                    },
                },
                ScopeLogs = { new ScopeLogs { LogRecords = { records } } },
            },
        },
    };

    private static async Task<ExportLogsServiceResponse> ExportAsync(GatewayBench bench, ExportLogsServiceRequest request)
    {
        (await bench.OpenAsync()).Dispose();
        return await new LogsService.LogsServiceClient(bench.Channel()).ExportAsync(request);
    }
}
