using System.CommandLine;
using Google.Protobuf.WellKnownTypes;
using Spectre.Console;
using Streams.Contracts.V1;

namespace Cli.Client;

/// <summary><c>streams nodes</c>: who is up, suspect, down.</summary>
internal static class NodesCommand
{
    private static readonly TimeSpan _refresh = TimeSpan.FromSeconds(1);

    public static Command Build()
    {
        var monitor = MonitorClient.AddressFlag();
        var output = OutputFormatFlag.Make();
        var state = Flags.Named("--state", "STATE", "Only nodes in this state: up, suspect, down, flapping, maintenance or left.", NodeState.Unspecified);
        var selector = Flags.Text("--selector", "LABELS", "Only nodes whose labels match: zone=eu-1,role!=batch.");
        var watch = Flags.Switch("--watch", "Keep the table up to date; with --output json, show each change of state as it happens. Until Ctrl-C.");
        var command = new Command("nodes", "List nodes and their states.") { state, selector, watch, output, monitor };
        command.SetAction((parse, cancellation) =>
        {
            var request = new ListNodesRequest { LabelSelector = parse.GetValue(selector) ?? "" };
            if (parse.GetValue(state) is not NodeState.Unspecified and var wanted)
                request.States.Add(wanted);
            return MonitorClient.UseAsync(
                parse.GetRequiredValue(monitor),
                client => (parse.GetValue(watch), parse.GetValue(output)) switch
                {
                    (true, OutputFormat.Json) => WatchEventsAsync(client, cancellation),
                    (true, _) => WatchTableAsync(client, request, cancellation),
                    (false, OutputFormat.Json) => WriteJsonAsync(client, request, cancellation),
                    (false, _) => WriteTableAsync(client, request, cancellation),
                },
                cancellation);
        });
        return command;
    }

    private static async Task WriteJsonAsync(MonitorClient client, ListNodesRequest request, CancellationToken cancellation)
    {
        await using var target = new StandardOutput();
        using var json = new JsonLines(target);
        foreach (var node in await ListAsync(client, request, cancellation))
            json.Write(node);
        json.Flush();
        target.Flush();
    }

    private static async Task WriteTableAsync(MonitorClient client, ListNodesRequest request, CancellationToken cancellation)
    {
        var nodes = await ListAsync(client, request, cancellation);
        if (nodes.Count == 0)
            Console.WriteLine("No nodes: none has sent a heartbeat yet, or none matches.");
        else
            Terminal.Open().Write(Render(nodes, TimeProvider.System.GetUtcNow()));
    }

    private static async Task WatchTableAsync(MonitorClient client, ListNodesRequest request, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(_refresh, TimeProvider.System);
        await Terminal.Open().Live(new Text("…")).StartAsync(async live =>
        {
            do
                live.UpdateTarget(Render(await ListAsync(client, request, cancellation), TimeProvider.System.GetUtcNow()));
            while (await timer.WaitForNextTickAsync(cancellation));
        });
    }

    private static async Task WatchEventsAsync(MonitorClient client, CancellationToken cancellation)
    {
        using var call = client.Nodes.WatchNodeEvents(new WatchNodeEventsRequest(), cancellationToken: cancellation);
        await using var target = new StandardOutput();
        using var json = new JsonLines(target);
        await LiveStream.CopyAsync(
            call.ResponseStream,
            json.Write,
            () =>
            {
                json.Flush();
                target.Flush();
            },
            cancellation);
    }

    private static Task<List<Node>> ListAsync(MonitorClient client, ListNodesRequest request, CancellationToken cancellation) =>
        MonitorClient.OnceReadyAsync(
            async () =>
            {
                var nodes = new List<Node>();
                using var call = client.Nodes.ListNodes(request, cancellationToken: cancellation);
                while (await call.ResponseStream.MoveNext(cancellation))
                    nodes.Add(call.ResponseStream.Current);
                return nodes;
            },
            TimeProvider.System,
            cancellation);

    private static Table Render(IReadOnlyList<Node> nodes, DateTimeOffset now)
    {
        var table = new Table().SimpleBorder().AddColumns("node", "state", "for", "last heard", "every", "services", "queue", "version", "labels");
        foreach (var node in nodes)
        {
            table.AddRow(
                new Text(TerminalText.Clean(node.NodeId)),
                new Text($"{node.State}".ToLowerInvariant(), StateStyle(node.State)),
                new Text(Ago(node.StateSince, now)),
                new Text(node.LastSeen is null ? "never" : Ago(node.LastSeen, now) + " ago"),
                new Text(node.Interval is null ? "" : Settings.DurationText.Format(node.Interval.ToTimeSpan())),
                new Text(TerminalText.Clean(string.Join(", ", node.Services))),
                new Text(node.Vitals is null ? "" : $"{node.Vitals.QueueBytes:N0} B"),
                new Text(TerminalText.Clean(node.Version)),
                new Text(TerminalText.Clean(string.Join(", ", node.Labels.Select(label => $"{label.Key}={label.Value}")))));
        }

        return table;
    }

    internal static Style StateStyle(NodeState state) => state switch
    {
        NodeState.Up => new Style(Color.Green),
        NodeState.Down => new Style(Color.Red),
        NodeState.Suspect or NodeState.Flapping => new Style(Color.Yellow),
        _ => Style.Plain,
    };

    // Whole units, the largest two: what a person would say.
    internal static string Ago(Timestamp? moment, DateTimeOffset now)
    {
        if (moment is null)
            return "";
        var span = now - moment.ToDateTimeOffset();
        return span switch
        {
            { TotalSeconds: < 1 } => "0s",
            { TotalMinutes: < 1 } => $"{span.Seconds}s",
            { TotalHours: < 1 } => $"{span.Minutes}m{span.Seconds}s",
            { TotalDays: < 1 } => $"{span.Hours}h{span.Minutes}m",
            _ => $"{(int)span.TotalDays}d{span.Hours}h",
        };
    }
}
