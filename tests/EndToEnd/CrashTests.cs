using Streams.Contracts.V1;

namespace EndToEnd;

/// <summary>SIGKILL at bad moments.</summary>
public sealed class CrashTests
{
    [Fact]
    public async Task A_killed_system_starts_again_with_nothing_lost_and_nothing_doubled()
    {
        await using var system = new LiveSystem();
        string[] files = [.. Enumerable.Range(1, 3).Select(n => Path.Combine(system.Logs, $"app-{n}.log"))];
        string[] arguments = ["--no-samples", "--tail", Path.Combine(system.Logs, "*.log")];
        foreach (var file in files)
            LogFiles.Append(file, from: 1, count: 8_000);

        // Killed as soon as the first lines are through, with the rest at every stage of their way.
        var first = await system.UpAsync(arguments);
        await system.StoresAsync("Request 1 of app-1.log");
        await first.KillAsync();
        foreach (var file in files)
            LogFiles.Append(file, from: 8_001, count: 4_000);
        var second = await system.UpAsync(arguments);
        await system.StoresAsync("Request 8001 of app-1.log");
        await second.KillAsync();
        string[] last = [.. files.Select(file => LogFiles.Append(file, from: 12_001, count: 10))];
        await system.UpAsync(arguments);
        foreach (var line in last)
            await system.StoresAsync(line);

        LogFiles.AreStoredExactlyOnce(files, await system.LogsAsync());
        system.SaidNoStackTrace();
    }

    [Fact]
    public async Task A_killed_service_is_down_with_an_event_and_an_alert_and_up_once_started_again()
    {
        await using var system = new LiveSystem();
        var up = await system.UpAsync();
        await Eventually.HoldsAsync(
            async () => (await system.NodesAsync()).Count(node => node.State is NodeState.Up) >= 4,
            "this machine and three services were up",
            up.ToString);
        var events = system.StartClient("nodes", "--watch", "--output", "json");
        var inventory = RunningProcess.Service("inventory", system.Data);

        StreamsProcess.Signal("KILL", inventory!.Id);

        var died = await up.SaysAsync("service inventory ended (signal 9)");
        await Eventually.HoldsAsync(
            async () => (await system.NodesAsync()).Single(node => node.NodeId == "inventory").State is NodeState.Down,
            "inventory was down",
            up.ToString);
        await Eventually.HoldsAsync(
            async () => (await system.AlertsAsync("--kind", "node")).Any(alert => alert.NodeId == "inventory" && alert.Node.To is NodeState.Down),
            "there was an alert for inventory",
            up.ToString);
        // The watch below may not be listening yet; up's own has been since its start.
        await up.SaysAsync("node inventory: Suspect → Down");

        // The message says how to start it again: do what it says.
        var command = died[(died.IndexOf("./streams ", StringComparison.Ordinal) + "./streams ".Length)..];
        system.Start(command.Split(' '));

        await Eventually.HoldsAsync(
            async () => (await system.NodesAsync()).Single(node => node.NodeId == "inventory").State is NodeState.Up,
            "inventory was up again",
            up.ToString);
        await Eventually.HoldsAsync(
            () => Task.FromResult(events.Output.Select(NodeEvent.Parser.ParseJson).Any(e => e is { NodeId: "inventory", To: NodeState.Up })),
            "an event said that inventory was up",
            events.ToString);
    }

    [Fact]
    public async Task Services_end_with_the_system_that_started_them_even_when_it_is_killed()
    {
        await using var system = new LiveSystem();
        var up = await system.UpAsync();
        await Eventually.HoldsAsync(
            () => Task.FromResult(RunningProcess.Service("payment", system.Data) is not null),
            "the payment service ran");

        await up.KillAsync();

        await Eventually.HoldsAsync(
            () => Task.FromResult(RunningProcess.Service("payment", system.Data) is null),
            "the payment service had ended");
    }

    [Fact]
    public async Task An_asked_for_end_is_clean_and_says_so()
    {
        await using var system = new LiveSystem();
        var up = await system.UpAsync();

        StreamsProcess.Signal("INT", up.Id);

        Assert.Equal(0, await up.ExitsAsync());
        Assert.Contains(up.Output, line => line.StartsWith("stopping: ", StringComparison.Ordinal) && line.Contains("at most", StringComparison.Ordinal));
        Assert.Contains(up.Output, line => line.StartsWith("stopped in ", StringComparison.Ordinal));
        Assert.Null(RunningProcess.Service("payment", system.Data));
        system.SaidNoStackTrace();
    }
}
