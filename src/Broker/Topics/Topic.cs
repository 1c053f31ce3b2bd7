using Broker.Log;
using Kafka.Protocol;

namespace Broker.Topics;

/// <summary>A topic: its identity, its own settings and its partitions. Read without a lock; the catalog replaces what changes.</summary>
internal sealed class Topic(string name, TopicId id, IReadOnlyDictionary<string, string> overrides, LogConfig config, PartitionLog[] partitions)
{
    private volatile IReadOnlyDictionary<string, string> _overrides = overrides;
    private volatile LogConfig _config = config;
    private volatile PartitionLog[] _partitions = partitions;

    public string Name { get; } = name;

    /// <summary>Tells this topic from an earlier or later one of the same name.</summary>
    public TopicId Id { get; } = id;

    /// <summary>The settings made for this topic, by Kafka's names.</summary>
    public IReadOnlyDictionary<string, string> Overrides => _overrides;

    public LogConfig Config => _config;

    public IReadOnlyList<PartitionLog> Partitions => _partitions;

    /// <summary>A partition; null where the topic has no such number.</summary>
    public PartitionLog? Partition(int index)
    {
        var partitions = _partitions;
        return (uint)index < (uint)partitions.Length ? partitions[index] : null;
    }

    internal void Add(IEnumerable<PartitionLog> partitions) => _partitions = [.. _partitions, .. partitions];

    internal void Configure(IReadOnlyDictionary<string, string> overrides, LogConfig config)
    {
        (_overrides, _config) = (overrides, config);
        foreach (var log in _partitions)
            log.Config = config;
    }
}
