using Broker;
using Cli.Up;
using Gateway;
using LoadScenarios;
using Monitor;
using NodeAgent;
using WebConsole;

namespace Cli.Parts;

/// <summary>Everything that can be set, one section a part: the same file serves <c>up</c> and each part alone.</summary>
internal sealed class StreamsSettings
{
    public UpOptions Up { get; set; } = new();

    public BrokerOptions Broker { get; set; } = new();

    public GatewayOptions Gateway { get; set; } = new();

    public MonitorOptions Monitor { get; set; } = new();

    public AgentOptions Agent { get; set; } = new();

    public ConsoleOptions Console { get; set; } = new();

    public LoadOptions Load { get; set; } = new();

    /// <summary>Defaults with all data under one folder.</summary>
    public static StreamsSettings In(string data)
    {
        var settings = new StreamsSettings();
        settings.Up.Data = data;
        settings.Broker.DataDirectory = Path.Combine(data, "broker");
        settings.Monitor.DataDirectory = Path.Combine(data, "monitor");
        settings.Agent.DataDirectory = Path.Combine(data, "agent");
        return settings;
    }
}
