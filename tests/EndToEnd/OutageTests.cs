using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using TestKit;

namespace EndToEnd;

/// <summary>Gateway, monitor and agent in processes of their own, and a Kafka that is not there, comes, is killed and comes back.</summary>
public sealed partial class OutageTests
{
    // What a part says of an outage: that there is one, why, and what it does about it. Not how often it looked.
    private const int WarningsMax = 16;

    [SkippableTheory]
    [InlineData("embedded")]
    [InlineData("apache")]
    public async Task Without_Kafka_every_part_lives_and_says_what_is_missing_and_nothing_is_lost(string kind)
    {
        Skip.If(kind == "apache" && Environment.GetEnvironmentVariable("STREAMS_LONG") != "1", "long: set STREAMS_LONG=1");
        Skip.If(kind == "apache" && RealKafka.Missing is not null, RealKafka.Missing);
        await using var system = new LiveSystem();
        await using var kafka = Kafka.Of(kind, system);
        var file = Path.Combine(system.Logs, "app.log");
        LogFiles.Append(file, from: 1, count: 1_000);

        var gateway = Part(system, "gateway", 7070, 9470, "--kafka", kafka.BootstrapServers);
        var monitor = Part(system, "monitor", 7071, 9471, "--kafka", kafka.BootstrapServers, "--data", Path.Combine(system.Data, "monitor"));
        var agent = Part(
            system, "agent", null, 9472, "--set", $"agent.gateways.0=http://127.0.0.1:{7070 + system.PortOffset}", "--set", "agent.nodeId=here",
            "--set", $"agent.dataDirectory={Path.Combine(system.Data, "agent")}", "--set", $"agent.tail.0={file}");
        await IsAsync(system, gateway, 9470, HttpStatusCode.ServiceUnavailable, $"kafka: The gateway does not reach Kafka at {kafka.BootstrapServers}");
        await IsAsync(system, monitor, 9471, HttpStatusCode.ServiceUnavailable, $"kafka: The monitor does not reach Kafka at {kafka.BootstrapServers}");
        await AllAliveAsync(system);

        await kafka.StartAsync();
        await IsAsync(system, gateway, 9470, HttpStatusCode.OK, "ready");
        await IsAsync(system, monitor, 9471, HttpStatusCode.OK, "ready");
        await system.StoresAsync("Request 1000 of app.log");

        await kafka.KillAsync();
        LogFiles.Append(file, from: 1_001, count: 20_000);
        await IsAsync(system, gateway, 9470, HttpStatusCode.ServiceUnavailable, "kafka: ");
        await IsAsync(system, monitor, 9471, HttpStatusCode.ServiceUnavailable, "kafka: ");
        await AllAliveAsync(system);
        Assert.Contains("ready", await ReadyAsync(system, 9472), StringComparison.Ordinal);
        await BoundedAsync(system, 9470, "streams_kafka_producer_queue_bytes", "streams_kafka_producer_queue_limit_bytes");
        await BoundedAsync(system, 9472, "streams_agent_buffer_bytes", "streams_agent_buffer_limit_bytes");

        await kafka.StartAsync();
        await IsAsync(system, gateway, 9470, HttpStatusCode.OK, "ready");
        await IsAsync(system, monitor, 9471, HttpStatusCode.OK, "ready");
        await system.StoresAsync(LogFiles.Append(file, from: 21_001, count: 10));
        LogFiles.AreStoredExactlyOnce([file], await system.LogsAsync());

        foreach (var part in (StreamsProcess[])[gateway, monitor, agent])
        {
            var warnings = part.Output.Concat(part.Errors).Where(line => Warning().IsMatch(line)).ToList();
            Assert.InRange(warnings.Count, 2, WarningsMax);
        }

        system.SaidNoStackTrace();
    }

    private static StreamsProcess Part(LiveSystem system, string part, int? port, int adminPort, params string[] arguments) => system.Start(
    [
        part, .. arguments, "--set", $"{part}.admin.port={adminPort + system.PortOffset}",
        .. port is null ? (string[])[] : ["--port", $"{port + system.PortOffset}"],
    ]);

    private static async Task<string> ReadyAsync(LiveSystem system, int port)
    {
        using var browser = new HttpClient();
        using var answer = await browser.GetAsync($"http://127.0.0.1:{port + system.PortOffset}/readyz");
        return $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}";
    }

    private static async Task IsAsync(LiveSystem system, StreamsProcess part, int port, HttpStatusCode status, string words)
    {
        var said = "";
        await Eventually.HoldsAsync(
            async () =>
            {
                try
                {
                    said = await ReadyAsync(system, port);
                }
                catch (HttpRequestException)
                {
                    // It has not begun to listen.
                    return false;
                }

                return said.StartsWith($"{(int)status} ", StringComparison.Ordinal) && said.Contains(words, StringComparison.Ordinal);
            },
            $"it answered {status} with '{words}'",
            () => $"{said}\n{part}");
    }

    private static async Task AllAliveAsync(LiveSystem system)
    {
        using var browser = new HttpClient();
        foreach (var port in (int[])[9470, 9471, 9472])
            Assert.Equal("alive\n", await browser.GetStringAsync($"http://127.0.0.1:{port + system.PortOffset}/healthz"));
    }

    private static async Task BoundedAsync(LiveSystem system, int port, string gauge, string limit)
    {
        using var browser = new HttpClient();
        var metrics = await browser.GetStringAsync($"http://127.0.0.1:{port + system.PortOffset}/metrics");
        Assert.InRange(Value(metrics, gauge), 0, Value(metrics, limit));
    }

    private static double Value(string metrics, string name) => double.Parse(
        metrics.Split('\n').Single(line => line.StartsWith($"{name} ", StringComparison.Ordinal))[(name.Length + 1)..], CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^\S+ (WARN|ERROR) ")]
    private static partial Regex Warning();

    /// <summary>A Kafka that a test may start and kill; at first it is not there.</summary>
    private sealed class Kafka : IAsyncDisposable
    {
        private readonly LiveSystem _system;
        private readonly RealKafka? _apache;
        private StreamsProcess? _broker;

        private Kafka(LiveSystem system, RealKafka? apache) => (_system, _apache) = (system, apache);

        public string BootstrapServers => _apache?.BootstrapServers ?? $"127.0.0.1:{9092 + _system.PortOffset}";

        public static Kafka Of(string kind, LiveSystem system) => new(system, kind == "apache" ? RealKafka.Stopped() : null);

        public async Task StartAsync()
        {
            if (_apache is not null)
            {
                await _apache.StartAgainAsync();
                return;
            }

            _broker = _system.Start(
            [
                "broker", "--data", Path.Combine(_system.Data, "broker"), "--port", $"{9092 + _system.PortOffset}",
                "--set", $"broker.admin.port={9473 + _system.PortOffset}",
            ]);
            await _broker.SaysAsync("ready: broker");
        }

        public Task KillAsync() => _apache?.KillAsync() ?? _broker!.KillAsync();

        public ValueTask DisposeAsync() => _apache?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}
