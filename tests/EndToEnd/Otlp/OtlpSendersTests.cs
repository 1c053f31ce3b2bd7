using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Resources;
using Streams.Contracts.V1;
using TestKit;

namespace EndToEnd.Otlp;

/// <summary>Senders of OpenTelemetry's logs that nobody here wrote, from their own buffers to what <c>streams logs</c> finds.</summary>
public sealed class OtlpSendersTests
{
    private const int Records = 3_000;

    [SkippableFact]
    public async Task Every_line_of_the_Collectors_files_is_found_by_its_file()
    {
        Skip.IfNot(RealCollector.Missing is null, RealCollector.Missing);
        await using var system = new LiveSystem();
        await system.UpAsync("--no-samples");
        string[] files = [.. Directory.GetFiles(RealCollector.LogFiles, "*.log")];
        using var collector = RealCollector.Start(
            "agent.yaml", ("OTLP_PORT", $"{7070 + system.PortOffset}"), ("LOGS", Path.Combine(RealCollector.LogFiles, "*.log")),
            ("STATE", Path.Combine(system.Folder, "collector")));

        // Its receiver trims lines and skips empty ones.
        var lines = files.ToDictionary(file => Path.GetFileName(file), file => File.ReadLines(file).Select(line => line.Trim()).Where(line => line.Length > 0).CountBy(line => line).ToDictionary());
        var expected = lines.Sum(file => file.Value.Sum(line => line.Value));
        IReadOnlyList<StoredLog> stored = [];
        await Eventually.HoldsAsync(
            async () => (stored = await system.LogsAsync()).Count >= expected, $"{expected} lines were found", () => $"{stored.Count} were found. {system.LatestUp}", Eventually.Seldom);

        Assert.All(stored, log => Assert.Equal("127.0.0.1", log.Record.NodeId));
        foreach (var (file, texts) in lines)
        {
            var found = stored.Where(log => log.Record.Source == file).CountBy(log => log.Record.Message).ToDictionary();
            var missing = texts.Where(line => found.GetValueOrDefault(line.Key) < line.Value).Select(line => line.Key).ToList();
            Assert.True(missing.Count == 0, $"{file}: {missing.Count} lines are missing, the first is '{missing.FirstOrDefault()}'.");
        }
    }

    [Fact]
    public async Task The_SDK_for_DotNet_is_found_by_node_service_level_and_text()
    {
        await using var system = new LiveSystem();
        await system.UpAsync("--no-samples");
        await using var services = new ServiceCollection().AddLogging(logging => logging.AddOpenTelemetry(otel => otel
            .SetResourceBuilder(ResourceBuilder.CreateEmpty().AddAttributes([new("service.name", "net-shop"), new("host.name", "net-host")]))
            .AddOtlpExporter((exporter, processor) =>
            {
                (exporter.Endpoint, exporter.Protocol) = (new Uri($"http://127.0.0.1:{7070 + system.PortOffset}"), OtlpExportProtocol.Grpc);
                exporter.TimeoutMilliseconds = (int)Eventually.Patience.TotalMilliseconds;
                processor.BatchExportProcessorOptions.MaxQueueSize = Records;
            }))).BuildServiceProvider();

        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("Net.Orders");
        for (var order = 1; order <= Records; order++)
            logger.LogError("net order {Order} is lost", order);

        // Disposal alone would give it five seconds.
        Assert.True(services.GetRequiredService<LoggerProvider>().ForceFlush((int)Eventually.Patience.TotalMilliseconds));
        // A template that is not filled in is the body unless the SDK is told to format.
        await AllAreFoundAsync(system, "net-host", "net-shop", log => log.Record.Attributes["Order"]);
    }

    [SkippableFact]
    public async Task The_SDK_for_JavaScript_is_found_by_node_service_level_and_text()
    {
        using var npm = await NpmSender.InstallAsync();
        await using var system = new LiveSystem();
        await system.UpAsync("--no-samples");

        await npm.SendAsync($"http://127.0.0.1:{7070 + system.PortOffset}", Records);

        await AllAreFoundAsync(system, "npm-host", "npm-shop", log => log.Record.Attributes["order"]);
        var one = Assert.Single(await system.LogsAsync("--text", "npm order 1234 is lost"));
        Assert.Equal("""{"name":"zoë"}""", one.Record.Attributes["customer"]);
        Assert.Equal(("npm.orders", "1.2.3"), (one.Record.Attributes["otel.scope.name"], one.Record.Attributes["otel.scope.version"]));
    }

    private static async Task AllAreFoundAsync(LiveSystem system, string node, string service, Func<StoredLog, string> number)
    {
        IReadOnlyList<StoredLog> found = [];
        await Eventually.HoldsAsync(
            async () => (found = await system.LogsAsync("--node", node, "--service", service, "--min-severity", "error", "--text", "is lost")).Count >= Records,
            $"{Records} records were found",
            () => $"{found.Count} were found. {system.LatestUp}",
            Eventually.Seldom);
        Assert.Equal(Enumerable.Range(1, Records).Select(n => $"{n}").Order(), found.Select(number).Order());
    }
}
