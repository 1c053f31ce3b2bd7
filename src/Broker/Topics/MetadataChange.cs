using System.Text.Json.Serialization;

namespace Broker.Topics;

/// <summary>One line of the metadata journal: something about the topics that has to survive.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "change")]
[JsonDerivedType(typeof(ClusterNamed), "cluster-named")]
[JsonDerivedType(typeof(TopicCreated), "topic-created")]
[JsonDerivedType(typeof(TopicDeleted), "topic-deleted")]
[JsonDerivedType(typeof(PartitionsAdded), "partitions-added")]
[JsonDerivedType(typeof(OverridesSet), "overrides-set")]
[JsonDerivedType(typeof(LogStartMoved), "log-start-moved")]
[JsonDerivedType(typeof(ProducerIdsReserved), "producer-ids-reserved")]
internal abstract record MetadataChange;

/// <summary>The data folder got its identity.</summary>
internal sealed record ClusterNamed(string ClusterId) : MetadataChange;

/// <summary>A topic came into being.</summary>
internal sealed record TopicCreated(string Topic, string Id, int Partitions, IReadOnlyDictionary<string, string> Overrides) : MetadataChange;

/// <summary>A topic went, and its records with it.</summary>
internal sealed record TopicDeleted(string Topic, string Id) : MetadataChange;

/// <summary>A topic has this many partitions now.</summary>
internal sealed record PartitionsAdded(string Topic, int Partitions) : MetadataChange;

/// <summary>A topic's own settings are these now.</summary>
internal sealed record OverridesSet(string Topic, IReadOnlyDictionary<string, string> Overrides) : MetadataChange;

/// <summary>Someone deleted a partition's records before an offset.</summary>
internal sealed record LogStartMoved(string Topic, int Partition, long Offset) : MetadataChange;

/// <summary>Producer ids below this one may have been given out.</summary>
internal sealed record ProducerIdsReserved(long Until) : MetadataChange;

[JsonSerializable(typeof(MetadataChange))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.KebabCaseLower)]
internal sealed partial class MetadataJson : JsonSerializerContext;
