using System.CommandLine;
using Cli.Logging;
using Microsoft.Extensions.Logging;
using Settings;

namespace Cli.Parts;

/// <summary><c>streams broker</c>, <c>gateway</c>, <c>monitor</c>, <c>agent</c> and <c>console</c>: one part in a process of its own, as deployed.</summary>
internal static class PartCommands
{
    public static Command Broker() => Build(
        "broker",
        "Run the embedded broker alone: a durable single-node log that speaks the Kafka protocol.",
        new SettingsFlags()
            .Add("--data", "DIR", "Folder that holds the log.", "broker.dataDirectory")
            .Add("--host", "ADDRESS", "Address to listen on (default 127.0.0.1).", "broker.host")
            .Add("--port", "PORT", "Port to listen on (default 9092; 0 takes a free one).", "broker.port"),
        settings => new { settings.Broker },
        (settings, logging, cancellation) => RunningPart.StartBrokerAsync(settings.Broker, logging, TimeProvider.System, cancellation));

    public static Command Gateway() => Build(
        "gateway",
        "Run a gateway alone: takes logs and heartbeats over gRPC and writes them to Kafka.",
        new SettingsFlags()
            .Add("--host", "ADDRESS", "Address to listen on (default 127.0.0.1).", "gateway.host")
            .Add("--port", "PORT", "Port to listen on (default 7070; 0 takes a free one).", "gateway.port")
            .Add("--kafka", "HOST:PORT", "Kafka to write to (default 127.0.0.1:9092).", "gateway.kafka.bootstrapServers"),
        settings => new { settings.Gateway },
        (settings, logging, cancellation) => RunningPart.StartGatewayAsync(settings.Gateway, logging, TimeProvider.System, cancellation));

    public static Command Monitor() => Build(
        "monitor",
        "Run a monitor alone: judges nodes, raises alerts, stores logs, answers queries.",
        new SettingsFlags()
            .Add("--data", "DIR", "Folder for the log store and local state.", "monitor.dataDirectory")
            .Add("--host", "ADDRESS", "Address to listen on (default 127.0.0.1).", "monitor.host")
            .Add("--port", "PORT", "Port to listen on (default 7071; 0 takes a free one).", "monitor.port")
            .Add("--kafka", "HOST:PORT", "Kafka to read from (default 127.0.0.1:9092).", "monitor.kafka.bootstrapServers")
            .AddList("--elasticsearch", "URL", "Elasticsearch to store logs in, in place of the embedded store; may be given again.", "monitor.store.elasticsearch.urls"),
        settings => new { settings.Monitor },
        (settings, logging, cancellation) => RunningPart.StartMonitorAsync(settings.Monitor, logging, TimeProvider.System, cancellation));

    public static Command Agent() => Build(
        "agent",
        "Run a node agent alone: tails files, keeps a disk queue, sends heartbeats.",
        new SettingsFlags()
            .Add("--data", "DIR", "Folder of the disk queue.", "agent.dataDirectory")
            .Add("--node", "ID", "The node to speak for (default: this machine's name).", "agent.nodeId")
            .AddList("--gateway", "URL", "Gateway to ship to; may be given again, the next is tried where one fails.", "agent.gateways")
            .AddList("--tail", "GLOB", "Files to tail; may be given again. Quote it, or the shell expands it.", "agent.tail"),
        settings => new { settings.Agent },
        (settings, logging, cancellation) => RunningPart.StartAgentAsync(settings.Agent, logging, TimeProvider.System, cancellation));

    public static Command Console() => Build(
        "console",
        "Run the web console alone: a page that shows nodes, alerts and logs.",
        new SettingsFlags()
            .Add("--host", "ADDRESS", "Address to listen on (default 127.0.0.1).", "console.host")
            .Add("--port", "PORT", "Port to listen on (default 8080; 0 takes a free one).", "console.port")
            .Add("--monitor", "URL", "Monitor to ask (default http://127.0.0.1:7071).", "console.monitor"),
        settings => new { settings.Console },
        (settings, logging, cancellation) => RunningPart.StartConsoleAsync(settings.Console, logging, TimeProvider.System, cancellation));

    private static Command Build(
        string name,
        string description,
        SettingsFlags flags,
        Func<StreamsSettings, object> section,
        Func<StreamsSettings, Action<ILoggingBuilder>, CancellationToken, Task<RunningPart>> start)
    {
        var command = new Command(name, description);
        flags.AddTo(command);
        command.SetAction(async (parse, _) =>
        {
            var settings = flags.Load(parse, StreamsSettings.In("data"));
            if (flags.IsCheck(parse))
            {
                await parse.InvocationConfiguration.Output.WriteAsync(EffectiveSettings.ToYaml(section(settings)));
                return 0;
            }

            return await PartProcess.RunAsync((logging, cancellation) => start(settings, logging, cancellation));
        });
        return command;
    }
}
