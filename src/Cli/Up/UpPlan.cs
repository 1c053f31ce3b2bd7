using System.Net;
using System.Net.Sockets;
using Cli.Parts;
using Metrics.Admin;
using Settings;

namespace Cli.Up;

/// <summary>Settings made to fit each other: ports offset, parts pointed at each other, all data under one folder.</summary>
internal sealed class UpPlan
{
    /// <summary>Settings under which a part has its usual neighbours; changed ones are kept or refused, never ignored.</summary>
    private static readonly StreamsSettings _usual = new();

    private UpPlan(StreamsSettings settings, string data)
    {
        Settings = settings;
        Data = data;
    }

    public StreamsSettings Settings { get; }

    /// <summary>The data folder's full path.</summary>
    public string Data { get; }

    public string LogFile => Path.Combine(Data, "logs", "streams.log");

    public bool HasBroker => Settings.Up.Kafka is null;

    public string Kafka => Settings.Gateway.Kafka.BootstrapServers;

    public Uri GatewayAddress => Address(Settings.Gateway.Host, Settings.Gateway.Port);

    public Uri MonitorAddress => Address(Settings.Monitor.Host, Settings.Monitor.Port);

    public Uri ConsoleAddress => Address(Settings.Console.Host, Settings.Console.Port);

    /// <summary>Where each part will listen.</summary>
    public IReadOnlyList<Listener> Listeners =>
    [
        .. HasBroker ? new[] { new Listener("broker", Settings.Broker.Host, Settings.Broker.Port) } : [],
        new Listener("gateway", Settings.Gateway.Host, Settings.Gateway.Port),
        new Listener("monitor", Settings.Monitor.Host, Settings.Monitor.Port),
        new Listener("console", Settings.Console.Host, Settings.Console.Port),
        .. Admins(Settings).Where(admin => admin.Options.Enabled && (HasBroker || admin.Part != "broker"))
            .Select(admin => new Listener($"{admin.Part}'s metrics", admin.Options.Host, admin.Options.Port)),
    ];

    /// <exception cref="SetupException">Settings contradict each other.</exception>
    public static UpPlan From(StreamsSettings settings)
    {
        var offset = settings.Up.PortOffset;
        settings.Broker.Port = Port("broker", settings.Broker.Host, settings.Broker.Port, offset);
        settings.Gateway.Port = Port("gateway", settings.Gateway.Host, settings.Gateway.Port, offset);
        settings.Monitor.Port = Port("monitor", settings.Monitor.Host, settings.Monitor.Port, offset);
        settings.Console.Port = Port("console", settings.Console.Host, settings.Console.Port, offset);

        foreach (var (part, admin) in Admins(settings))
            admin.Port = Port($"{part}'s metrics", admin.Host, admin.Port, offset);

        var kafka = settings.Up.Kafka ?? $"{Reachable(settings.Broker.Host)}:{settings.Broker.Port}";
        settings.Gateway.Kafka.BootstrapServers = Neighbour("gateway", settings.Gateway.Kafka.BootstrapServers, kafka);
        settings.Monitor.Kafka.BootstrapServers = Neighbour("monitor", settings.Monitor.Kafka.BootstrapServers, kafka);

        var plan = new UpPlan(settings, Path.GetFullPath(settings.Up.Data));
        if (settings.Agent.Gateways.SequenceEqual(_usual.Agent.Gateways))
            settings.Agent.Gateways = [plan.GatewayAddress.ToString().TrimEnd('/')];
        if (settings.Console.Monitor == _usual.Console.Monitor)
            settings.Console.Monitor = plan.MonitorAddress.ToString().TrimEnd('/');
        return plan;
    }

    private static (string Part, AdminOptions Options)[] Admins(StreamsSettings settings) =>
    [
        ("broker", settings.Broker.Admin),
        ("gateway", settings.Gateway.Admin),
        ("monitor", settings.Monitor.Admin),
        ("agent", settings.Agent.Admin),
        ("console", settings.Console.Admin),
    ];

    private static int Port(string part, string host, int port, int offset)
    {
        if (port == 0)
            return FreePort(host);
        return port + offset <= IPEndPoint.MaxPort
            ? port + offset
            : throw new SetupException($"Port {port} of the {part} with the offset {offset} is beyond {IPEndPoint.MaxPort}; use a smaller --port-offset.");
    }

    // The neighbours must know the port before its part has started, so "any" is decided here.
    private static int FreePort(string host)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.TryParse(host, out var address) ? address : IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private static string Neighbour(string part, string given, string kafka) =>
        given == _usual.Gateway.Kafka.BootstrapServers || given == kafka
            ? kafka
            : throw new SetupException($"Setting '{part}.kafka.bootstrapServers' is {given}, but all parts of 'up' use one Kafka: set 'up.kafka' (--kafka) instead.");

    private static Uri Address(string host, int port) => new($"http://{Reachable(host)}:{port}");

    private static string Reachable(string host) => host is "0.0.0.0" or "::" or "[::]" or "*" ? "127.0.0.1" : host;
}

/// <summary>A port that a part needs.</summary>
internal readonly record struct Listener(string Part, string Host, int Port);
