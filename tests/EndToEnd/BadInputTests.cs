using System.Net;
using System.Net.Sockets;
using System.Text;

namespace EndToEnd;

/// <summary>What is wrong is told or counted; the rest goes on.</summary>
public sealed class BadInputTests
{
    [Theory]
    [InlineData("--prot 1", "unknown flag '--prot'")]
    [InlineData("--set gateway.prot=1", "Unknown setting 'gateway.prot' (flag --set); did you mean 'port'?")]
    [InlineData("--data /proc/streams", "cannot write to the data folder /proc/streams")]
    public async Task A_wrong_start_is_one_clear_line(string arguments, string expected)
    {
        await using var system = new LiveSystem();
        var up = system.Start(["up", "--no-samples", .. arguments.Split(' ')]);

        Assert.Equal(2, await up.ExitsAsync());

        Assert.Empty(up.Output);
        Assert.Contains(expected, Assert.Single(up.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_setting_in_the_environment_is_told_with_the_variable()
    {
        await using var system = new LiveSystem();
        var up = system.Start(["up"], new Dictionary<string, string> { ["STREAMS__Gatewey__Port"] = "1" });

        Assert.Equal(2, await up.ExitsAsync());

        Assert.Equal(
            "streams: Unknown setting 'Gatewey' (environment variable STREAMS__Gatewey__Port); did you mean 'gateway'?",
            Assert.Single(up.Errors));
    }

    [Fact]
    public async Task A_taken_port_is_told_with_the_part_that_needs_it()
    {
        await using var system = new LiveSystem();
        using var squatter = new TcpListener(IPAddress.Loopback, 7071 + system.PortOffset);
        squatter.Start();

        var up = system.StartUp("--no-samples");

        Assert.Equal(2, await up.ExitsAsync());
        Assert.StartsWith($"streams: port {7071 + system.PortOffset} (monitor) is taken", Assert.Single(up.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_folder_in_use_is_refused_and_a_glob_without_files_only_told()
    {
        await using var system = new LiveSystem();
        var nothing = Path.Combine(system.Folder, "nowhere", "*.log");
        var first = await system.UpAsync("--no-samples", "--tail", nothing);
        await first.SaysAsync(nothing);

        var second = system.Start(["up", "--data", system.Data, "--no-samples"]);

        Assert.Equal(2, await second.ExitsAsync());
        Assert.Contains("another 'streams up' is using the data folder", Assert.Single(second.Errors), StringComparison.Ordinal);
        var service = system.Start(["service", "order", "--data", Path.Combine(system.Data, "agent")]);
        Assert.Equal(2, await service.ExitsAsync());
        Assert.Contains("is in use by another agent", Assert.Single(service.Errors), StringComparison.Ordinal);
        await Eventually.HoldsAsync(async () => (await system.NodesAsync()).Count == 1, "this machine was a node", first.ToString);
        Assert.False(first.HasExited);
        system.SaidNoStackTrace();
    }

    [Fact]
    public async Task A_huge_line_and_random_bytes_do_not_keep_other_lines_from_arriving()
    {
        await using var system = new LiveSystem();
        var huge = Path.Combine(system.Logs, "huge.log");
        await File.WriteAllTextAsync(huge, $"before the huge line\n{new string('x', 10 << 20)}\nafter the huge line\n");
        var noise = new byte[1 << 20];
        new Random(20260131).NextBytes(noise);
        var random = Path.Combine(system.Logs, "random.log");
        await File.WriteAllBytesAsync(random, [.. noise, .. Encoding.ASCII.GetBytes("\nafter the noise\n")]);
        LogFiles.Append(Path.Combine(system.Logs, "good.log"), from: 1, count: 100);

        var up = await system.UpAsync("--no-samples", "--tail", Path.Combine(system.Logs, "*.log"));

        foreach (var line in new[] { "before the huge line", "after the huge line", "after the noise", "Request 100 of good.log" })
            await system.StoresAsync(line);
        var cut = Assert.Single((await system.LogsAsync("--search", new string('x', 1_000))));
        Assert.InRange(cut.Record.Message.Length, 1_000, 1 << 20);
        Assert.False(up.HasExited);
        system.SaidNoStackTrace();
    }

    [Fact]
    public async Task A_monitor_that_is_not_there_is_told_with_what_to_do()
    {
        await using var system = new LiveSystem();

        foreach (var command in new[] { "nodes", "logs", "alerts", "tail", "stores" })
        {
            var client = system.StartClient(command);
            Assert.Equal(1, await client.ExitsAsync());
            Assert.Empty(client.Output);
            Assert.StartsWith($"streams: no monitor answers at {system.MonitorUrl}", Assert.Single(client.Errors), StringComparison.Ordinal);
        }
    }
}
