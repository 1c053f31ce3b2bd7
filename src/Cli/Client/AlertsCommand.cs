using System.CommandLine;
using Google.Protobuf.WellKnownTypes;
using Spectre.Console;
using Streams.Contracts.V1;

namespace Cli.Client;

/// <summary><c>streams alerts</c>: what someone should look at.</summary>
internal static class AlertsCommand
{
    public static Command Build()
    {
        var monitor = MonitorClient.AddressFlag();
        var output = OutputFormatFlag.Make();
        var all = Flags.Switch("--all", "Resolved ones too.");
        var kind = Flags.Named("--kind", "KIND", "Only this kind: log, node or anomaly.", AlertKind.Unspecified);
        var since = Flags.Duration("--since", "Only those that started within so much time: 15m, 2h, 7d.");
        var limit = Flags.Number("--limit", "At most so many, the newest (default: all).", 1, int.MaxValue, 0);
        var watch = Flags.Switch("--watch", "Show alerts as they are raised, until Ctrl-C.");
        var severity = Flags.AtLeast("--min-severity", "Only this severity and above.");
        var command = new Command("alerts", "List alerts, newest first.") { all, kind, severity, since, limit, watch, output, monitor };
        command.SetAction((parse, cancellation) => MonitorClient.UseAsync(
            parse.GetRequiredValue(monitor),
            async client =>
            {
                var format = parse.GetValue(output);
                var minimum = parse.GetValue(severity);
                if (parse.GetValue(watch))
                {
                    using var live = client.Logs.WatchAlerts(new WatchAlertsRequest { MinSeverity = minimum }, cancellationToken: cancellation);
                    await WatchAsync(live.ResponseStream, format, cancellation);
                    return;
                }

                var request = new ListAlertsRequest
                {
                    IncludeResolved = parse.GetValue(all),
                    Kind = parse.GetValue(kind),
                    From = parse.GetValue(since) is { } ago ? (TimeProvider.System.GetUtcNow() - ago).ToTimestamp() : null,
                    Limit = (uint)parse.GetValue(limit),
                };
                using var call = client.Logs.ListAlerts(request, cancellationToken: cancellation);
                await ListAsync(call.ResponseStream, minimum, format, cancellation);
            },
            cancellation));
        return command;
    }

    private static async Task ListAsync(
        Grpc.Core.IAsyncStreamReader<Alert> alerts, Severity minimum, OutputFormat format, CancellationToken cancellation)
    {
        await using var target = new StandardOutput();
        using var json = format is OutputFormat.Json ? new JsonLines(target) : null;
        var table = Columns();
        while (await alerts.MoveNext(cancellation))
        {
            var alert = alerts.Current;
            if (alert.Severity < minimum)
                continue;
            if (json is not null)
                json.Write(alert);
            else
                AddTo(table, alert);
        }

        if (json is null && table.Rows.Count == 0)
            Console.WriteLine("No alerts.");
        else if (json is null)
            Terminal.Open().Write(table);
        json?.Flush();
        target.Flush();
    }

    private static async Task WatchAsync(Grpc.Core.IAsyncStreamReader<Alert> alerts, OutputFormat format, CancellationToken cancellation)
    {
        await using var target = new StandardOutput();
        using var json = new JsonLines(target);
        await LiveStream.CopyAsync(
            alerts,
            alert =>
            {
                if (format is OutputFormat.Json)
                    json.Write(alert);
                else
                    Console.WriteLine($"{LogLines.Time(alert.Starts)} {LogLines.Level(alert.Severity)} {Where(alert)} {TerminalText.Clean(alert.Summary)}");
            },
            () =>
            {
                json.Flush();
                target.Flush();
            },
            cancellation);
    }

    private static Table Columns() => new Table().SimpleBorder().AddColumns("started", "severity", "kind", "where", "count", "what", "resolved");

    private static void AddTo(Table table, Alert alert) => table.AddRow(
        new Text(LogLines.Time(alert.Starts)),
        new Text(LogLines.Level(alert.Severity).TrimEnd(), SeverityStyle(alert.Severity)),
        new Text($"{alert.Kind}".ToLowerInvariant()),
        new Text(Where(alert)),
        new Text($"{alert.Count}"),
        new Text(TerminalText.Clean(alert.Summary)),
        new Text(alert.Ends is null ? "" : LogLines.Time(alert.Ends)));

    private static string Where(Alert alert) =>
        TerminalText.Clean(alert.Service.Length > 0 ? $"{alert.NodeId}/{alert.Service}" : alert.NodeId);

    private static Style SeverityStyle(Severity severity) =>
        severity >= Severity.Error ? new Style(Color.Red) : severity >= Severity.Warn ? new Style(Color.Yellow) : Style.Plain;
}
