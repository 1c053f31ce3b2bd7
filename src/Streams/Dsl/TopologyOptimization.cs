namespace Streams;

/// <summary>What <see cref="StreamBuilder.Build"/> may do to have fewer topics and stores. Kafka's <c>topology.optimization</c>.</summary>
[Flags]
public enum TopologyOptimization
{
    /// <summary>Nothing: the topology is as declared. Kafka's <c>none</c>.</summary>
    None = 0,

    /// <summary>A table's store is restored from the table's own topic, without a changelog. Kafka's <c>reuse.ktable.source.topics</c>.</summary>
    ReuseTableSourceTopics = 1,

    /// <summary>Repartition topics that carry the same records become one. Kafka's <c>merge.repartition.topics</c>.</summary>
    MergeRepartitionTopics = 2,

    /// <summary>A stream joined with itself keeps one store. Kafka's <c>single.store.self.join</c>.</summary>
    SingleStoreSelfJoin = 4,

    /// <summary>All of these. Kafka's <c>all</c>.</summary>
    All = ReuseTableSourceTopics | MergeRepartitionTopics | SingleStoreSelfJoin,
}
