using Kafka;

namespace Streams.Contracts;

/// <summary>What the topics are called, and what they are made like where they are missing.</summary>
public sealed class TopicNames
{
    /// <summary>Log records, by node. Default <c>logs</c>.</summary>
    public string Logs { get; set; } = "logs";

    /// <summary>Signs of life, by node. Default <c>heartbeats</c>.</summary>
    public string Heartbeats { get; set; } = "heartbeats";

    /// <summary>Changes of nodes' states, by node. Default <c>node-events</c>.</summary>
    public string NodeEvents { get; set; } = "node-events";

    /// <summary>Alerts, by fingerprint. Default <c>alerts</c>.</summary>
    public string Alerts { get; set; } = "alerts";

    /// <summary>Records that could not be read, with headers that say why. Default <c>dead-letters</c>.</summary>
    public string DeadLetters { get; set; } = "dead-letters";

    /// <summary>Partitions of a topic that is created. Default 4; a topic that exists keeps its own.</summary>
    public int Partitions { get; set; } = 4;

    /// <summary>The five topics, as <see cref="ILogAdmin.CreateTopicsAsync"/> takes them.</summary>
    public IReadOnlyList<TopicSpecification> Specifications() =>
    [
        Deleted(Logs, TimeSpan.FromDays(7)),
        Deleted(Heartbeats, TimeSpan.FromDays(1)),
        Deleted(NodeEvents, TimeSpan.FromDays(30)),
        Deleted(Alerts, TimeSpan.FromDays(30)),
        Deleted(DeadLetters, TimeSpan.FromDays(30)),
    ];

    private TopicSpecification Deleted(string name, TimeSpan retention) => new(name, Partitions)
    {
        Configs = new Dictionary<string, string>
        {
            ["cleanup.policy"] = "delete",
            ["retention.ms"] = $"{(long)retention.TotalMilliseconds}",
        },
    };
}
