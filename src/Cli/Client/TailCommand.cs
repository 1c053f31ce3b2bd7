using System.CommandLine;
using Streams.Contracts.V1;

namespace Cli.Client;

/// <summary><c>streams tail</c>: log lines as they arrive, until Ctrl-C.</summary>
internal static class TailCommand
{
    public static Command Build()
    {
        var monitor = MonitorClient.AddressFlag();
        var output = OutputFormatFlag.Make();
        var text = new Option<string?>("--text", "--search") { HelpName = "TEXT", Description = "Only lines that contain TEXT, letter case ignored." };
        var severity = Flags.AtLeast("--min-severity", "Only this severity and above.");
        var nodes = Flags.Texts("--node", "NODE", "Only this node's; may be given again.");
        var services = Flags.Texts("--service", "SERVICE", "Only this service's; may be given again.");
        var command = new Command("tail", "Show log lines as they arrive, until Ctrl-C.")
        {
            text, severity, nodes, services, output, monitor,
        };
        command.SetAction((parse, cancellation) =>
        {
            var request = new TailLogsRequest
            {
                Contains = parse.GetValue(text) ?? "",
                MinSeverity = parse.GetValue(severity),
                NodeIds = { parse.GetValue(nodes) },
                Services = { parse.GetValue(services) },
            };
            return MonitorClient.UseAsync(
                parse.GetRequiredValue(monitor),
                async client =>
                {
                    using var call = client.Logs.TailLogs(request, cancellationToken: cancellation);
                    await using var target = new StandardOutput();
                    using var json = parse.GetValue(output) is OutputFormat.Json ? new JsonLines(target) : null;
                    using var lines = json is null ? new LogLines(target, Terminal.HasColours) : null;
                    await LiveStream.CopyAsync(
                        call.ResponseStream,
                        record =>
                        {
                            json?.Write(record);
                            lines?.Write(record);
                        },
                        () =>
                        {
                            json?.Flush();
                            lines?.Flush();
                            target.Flush();
                        },
                        cancellation);
                },
                cancellation);
        });
        return command;
    }
}
