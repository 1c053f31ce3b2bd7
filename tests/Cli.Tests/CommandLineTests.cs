namespace Cli.Tests;

public sealed class CommandLineTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cli-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("upp", "streams: unknown command 'upp'; did you mean 'up'? See 'streams --help'.")]
    [InlineData("elephants", "streams: unknown command 'elephants'. See 'streams --help'.")]
    [InlineData("broker --prot 3", "streams: unknown flag '--prot'; did you mean '--port'? See 'streams broker --help'.")]
    [InlineData("up --cassandra 127.0.0.1:9042", "streams: unknown flag '--cassandra'. See 'streams up --help'.")]
    [InlineData("logs extra", "streams: unknown argument 'extra'. See 'streams logs --help'.")]
    [InlineData("up --port-offset many", "streams: Setting 'up.portOffset' (flag --port-offset) is 'many'; expected a whole number up to 2147483647.")]
    [InlineData("up --set gatway.port=1", "streams: Unknown setting 'gatway' (flag --set); did you mean 'gateway'?")]
    [InlineData("up --set gateway.port", "streams: --set is 'gateway.port'; expected KEY=VALUE, such as --set gateway.port=7070.")]
    [InlineData("nodes --monitor here", "streams: --monitor is 'here'; expected an address such as http://127.0.0.1:7071. See 'streams nodes --help'.")]
    [InlineData("nodes --output xml", "streams: --output is 'xml'; expected table or json. See 'streams nodes --help'.")]
    [InlineData("logs --since 5", "streams: --since is '5'; expected a duration such as 250ms, 5s, 1m, 2h, 7d or 00:00:05. See 'streams logs --help'.")]
    [InlineData("logs --limit 0", "streams: --limit is '0'; expected a whole number from 1 to 2147483647. See 'streams logs --help'.")]
    [InlineData("logs --min-severity loud", "streams: --min-severity is 'loud'; expected one of trace, debug, info, warn, error, fatal. See 'streams logs --help'.")]
    [InlineData("logs --since 5m --from 2026-01-01", "streams: --since and --from both say where to start; give one of them. See 'streams logs --help'.")]
    [InlineData("load ingset", "streams: unknown command 'ingset'; did you mean 'ingest'? See 'streams load --help'.")]
    [InlineData("load ingest --rat 5", "streams: unknown flag '--rat'; did you mean '--rate'? See 'streams load ingest --help'.")]
    [InlineData("load ingest --rate many", "streams: Setting 'load.ingest.rate' (flag --rate) is 'many'; expected a whole number up to 2147483647.")]
    [InlineData("load ingest --duration 60", "streams: Setting 'load.duration' (flag --duration) is '60'; expected a duration such as 250ms, 5s, 1m, 2h, 7d or 00:00:05.")]
    [InlineData("load ingest --threshold erors<1%", "streams: --threshold 'erors<1%' asks for 'erors'; did you mean 'errors'? Known are min, mean, max, p50, p75, p90, p95, p99, p99.9, errors, failed, requests, rps, records, records_per_second, records_stored, records_missing, records_repeated, stored_after.")]
    [InlineData("load ingest --threshold p99<fast", "streams: --threshold 'p99<fast' compares with 'fast'; expected a duration such as 250ms, 5s, 1m, 2h, 7d or 00:00:05.")]
    [InlineData("load ingest --threshold quick", "streams: --threshold 'quick' is no threshold; write NAME, a comparison (< <= > >= =) and a value, such as p99<500ms, errors<0.1% or rps>=95.")]
    [InlineData("load ingest --gateway here", "streams: Setting 'load.gateway' (flag --gateway): 'here' is no address; write http://host:port or https://host:port.")]
    [InlineData("service", "streams: Required argument 'NAME' missing for command: 'service'. See 'streams service --help'.")]
    [InlineData("gateway --config /nowhere/streams.yaml", "streams: There is no settings file /nowhere/streams.yaml.")]
    public async Task What_is_not_understood_is_told_in_one_line(string arguments, string expected)
    {
        var (exitCode, output, errors) = await RunAsync(arguments.Split(' '));

        Assert.Equal(CommandLine.Misused, exitCode);
        Assert.Empty(output);
        Assert.Equal(expected + Environment.NewLine, errors);
    }

    [Fact]
    public async Task A_service_that_does_not_exist_is_told_with_those_that_do()
    {
        var (exitCode, _, errors) = await RunAsync("service", "bakery");

        Assert.Equal(CommandLine.Misused, exitCode);
        Assert.StartsWith("streams: there is no service 'bakery'; the services are ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_command_the_commands_are_listed()
    {
        var (exitCode, output, errors) = await RunAsync();

        Assert.Equal(0, exitCode);
        Assert.Empty(errors);
        foreach (var command in new[] { "up", "broker", "gateway", "monitor", "agent", "service", "nodes", "logs", "alerts", "tail", "stores", "load" })
            Assert.Contains($"  {command} ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Checking_settings_prints_what_would_hold_and_starts_nothing()
    {
        var file = Path.Combine(_folder.FullName, "streams.yaml");
        await File.WriteAllTextAsync(file, "monitor:\n  port: 1234\n  commitInterval: 1s\ngateway:\n  port: 99\n");

        var (exitCode, output, errors) = await RunAsync("monitor", "--config", file, "--data", _folder.FullName, "--check");

        Assert.Equal((0, ""), (exitCode, errors));
        Assert.Contains("  port: 1234\n", output, StringComparison.Ordinal);
        Assert.Contains("  commitInterval: 1s\n", output, StringComparison.Ordinal);
        Assert.Contains($"  dataDirectory: {_folder.FullName}\n", output, StringComparison.Ordinal);
        Assert.DoesNotContain("gateway:", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Parts_of_up_are_pointed_at_each_other_behind_the_port_offset()
    {
        var (exitCode, output, _) = await RunAsync("up", "--data", "/tmp/x", "--port-offset", "100", "--no-samples", "--tail", "/a/*.log", "--tail", "/b", "--check");

        Assert.Equal(0, exitCode);
        Assert.Contains("  samples: false\n", output, StringComparison.Ordinal);
        Assert.Contains("  port: 9192\n", output, StringComparison.Ordinal);
        Assert.Contains("  port: 7170\n", output, StringComparison.Ordinal);
        Assert.Contains("  port: 7171\n", output, StringComparison.Ordinal);
        Assert.Contains("    bootstrapServers: 127.0.0.1:9192\n", output, StringComparison.Ordinal);
        Assert.Contains("    - http://127.0.0.1:7170\n", output, StringComparison.Ordinal);
        Assert.Contains("    - /a/*.log\n    - /b\n", output, StringComparison.Ordinal);
        Assert.Contains("  dataDirectory: /tmp/x/agent\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Parts_of_up_use_the_kafka_that_is_given()
    {
        var (_, output, _) = await RunAsync("up", "--kafka", "kafka.example:9092", "--check");

        Assert.Equal(2, output.Split("bootstrapServers: kafka.example:9092").Length - 1);
    }

    [Fact]
    public async Task Elasticsearch_is_the_store_that_is_given_and_its_secrets_are_masked()
    {
        var (exitCode, output, errors) = await RunAsync(
            "up", "--elasticsearch", "https://es-1:9200", "--elasticsearch", "https://es-2:9200",
            "--set", "monitor.store.elasticsearch.username=monitor", "--set", "monitor.store.elasticsearch.password=hunter2", "--check");
        var (refused, shown, why) = await RunAsync("monitor", "--elasticsearch", "http://elastic:hunter2@es:9200", "--check");

        Assert.Equal((0, ""), (exitCode, errors));
        Assert.Contains("        - https://es-1:9200\n        - https://es-2:9200\n", output, StringComparison.Ordinal);
        Assert.Contains("password: '******'\n", output.Replace("\"******\"", "'******'", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal(CommandLine.Misused, refused);
        Assert.Contains("Set username and password instead", why, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", output + errors + shown + why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_index_pattern_that_cannot_name_indexes_is_refused()
    {
        var (exitCode, _, errors) = await RunAsync("monitor", "--set", "monitor.store.elasticsearch.indexPattern=Logs-{day}", "--check");

        Assert.Equal(CommandLine.Misused, exitCode);
        Assert.Contains("'Logs-{day}' cannot name indexes: it must hold {nature} once and {day} once", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_part_of_up_with_another_kafka_is_refused_rather_than_overruled()
    {
        var (exitCode, _, errors) = await RunAsync("up", "--set", "monitor.kafka.bootstrapServers=other:9092", "--check");

        Assert.Equal(CommandLine.Misused, exitCode);
        Assert.Contains("set 'up.kafka' (--kafka) instead", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_pushed_off_the_end_is_told_before_anything_starts()
    {
        var (exitCode, _, errors) = await RunAsync("up", "--set", "broker.port=65000", "--port-offset", "1000", "--check");

        Assert.Equal(CommandLine.Misused, exitCode);
        Assert.Contains("Port 65000 of the broker with the offset 1000 is beyond 65535", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_monitor_that_does_not_answer_is_told_with_what_to_do()
    {
        var (exitCode, output, errors) = await RunAsync("nodes", "--monitor", "http://127.0.0.1:1");

        Assert.Equal(CommandLine.Failed, exitCode);
        Assert.Empty(output);
        Assert.StartsWith("streams: no monitor answers at http://127.0.0.1:1/ (", errors, StringComparison.Ordinal);
        Assert.EndsWith("Start one with './streams up', or name another with --monitor URL." + Environment.NewLine, errors, StringComparison.Ordinal);
        Assert.Single(errors.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
    }

    private static async Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var exitCode = await CommandLine.RunAsync(arguments, output, errors);
        return (exitCode, output.ToString(), errors.ToString());
    }
}
