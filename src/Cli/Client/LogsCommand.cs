using System.CommandLine;
using Google.Protobuf.WellKnownTypes;
using Streams.Contracts.V1;

namespace Cli.Client;

/// <summary><c>streams logs</c>: searches what is stored.</summary>
internal static class LogsCommand
{
    /// <summary>Records asked for at a time; the next page starts after the last record of the one before.</summary>
    internal const int PageRecords = 5_000;

    public static Command Build()
    {
        var monitor = MonitorClient.AddressFlag();
        var output = OutputFormatFlag.Make();
        var text = new Option<string?>("--text", "--search") { HelpName = "TEXT", Description = "Only lines that contain TEXT, letter case ignored." };
        var severity = Flags.AtLeast("--min-severity", "Only this severity and above.");
        var nodes = Flags.Texts("--node", "NODE", "Only this node's; may be given again.");
        var services = Flags.Texts("--service", "SERVICE", "Only this service's; may be given again.");
        var since = Flags.Duration("--since", "Only the last so much time: 15m, 2h, 7d.");
        var from = Flags.Moment("--from", "Only from this time on.");
        var to = Flags.Moment("--to", "Only before this time.");
        var limit = Flags.Number("--limit", "At most so many lines (default: all).", 1, int.MaxValue, int.MaxValue);
        var newestFirst = Flags.Switch("--newest-first", "Newest first; otherwise oldest first.");
        var command = new Command("logs", "Search stored log lines.")
        {
            text, severity, nodes, services, since, from, to, limit, newestFirst, output, monitor,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(since) is { Implicit: false } && result.GetResult(from) is { Implicit: false })
                result.AddError("--since and --from both say where to start; give one of them");
        });
        command.SetAction((parse, cancellation) =>
        {
            var start = parse.GetValue(since) is { } ago ? TimeProvider.System.GetUtcNow() - ago : parse.GetValue(from);
            var request = new SearchLogsRequest
            {
                Text = parse.GetValue(text) ?? "",
                MinSeverity = parse.GetValue(severity),
                NodeIds = { parse.GetValue(nodes) },
                Services = { parse.GetValue(services) },
                From = start?.ToTimestamp(),
                To = parse.GetValue(to)?.ToTimestamp(),
                OldestFirst = !parse.GetValue(newestFirst),
            };
            return MonitorClient.UseAsync(
                parse.GetRequiredValue(monitor),
                async client =>
                {
                    await using var target = new StandardOutput();
                    await WriteAsync(client.Logs, request, parse.GetValue(limit), parse.GetValue(output), target, cancellation);
                },
                cancellation);
        });
        return command;
    }

    /// <summary>Writes every page of an answer, up to <paramref name="limit"/> records.</summary>
    internal static async Task WriteAsync(
        LogQueries.LogQueriesClient logs, SearchLogsRequest request, int limit, OutputFormat format, Stream output, CancellationToken cancellation)
    {
        using var json = format is OutputFormat.Json ? new JsonLines(output) : null;
        using var lines = format is OutputFormat.Table ? new LogLines(output, Terminal.HasColours) : null;
        var left = limit;
        var pageRecords = 0;
        do
        {
            request.Limit = (uint)Math.Min(left, PageRecords);
            pageRecords = 0;
            using var page = logs.SearchLogs(request, cancellationToken: cancellation);
            while (await page.ResponseStream.MoveNext(cancellation))
            {
                var stored = page.ResponseStream.Current;
                json?.Write(stored);
                lines?.Write(stored.Record);
                request.PageToken = stored.PageToken;
                pageRecords++;
            }

            left -= pageRecords;
        }
        while (left > 0 && pageRecords == request.Limit);
        json?.Flush();
        lines?.Flush();
        output.Flush();
    }
}
