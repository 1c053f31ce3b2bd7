namespace Streams;

/// <summary>How a sink writes its topic.</summary>
public sealed record Produced<TKey, TValue>
{
    /// <summary>The keys' serde; null for the stream's own, or the type's default.</summary>
    public ISerde<TKey>? KeySerde { get; init; }

    /// <summary>The values' serde; null for the stream's own, or the type's default.</summary>
    public ISerde<TValue>? ValueSerde { get; init; }

    /// <summary>Chooses partitions; null for murmur2 of the key, as Kafka's Java client does.</summary>
    public StreamPartitioner<TKey, TValue>? Partitioner { get; init; }

    /// <summary>The sink node's name; null for a generated one.</summary>
    public string? Name { get; init; }

    /// <summary>The same, with a serde for keys.</summary>
    public Produced<TKey, TValue> WithKeySerde(ISerde<TKey> serde) => this with { KeySerde = serde };

    /// <summary>The same, with a serde for values.</summary>
    public Produced<TKey, TValue> WithValueSerde(ISerde<TValue> serde) => this with { ValueSerde = serde };

    /// <summary>The same, with a partitioner.</summary>
    public Produced<TKey, TValue> WithPartitioner(StreamPartitioner<TKey, TValue> partitioner) => this with { Partitioner = partitioner };

    /// <summary>The same, with a name for the sink node.</summary>
    public Produced<TKey, TValue> WithName(string name) => this with { Name = name };
}

/// <summary>How a sink writes its topic.</summary>
public static class Produced
{
    /// <summary>With these serdes.</summary>
    public static Produced<TKey, TValue> With<TKey, TValue>(ISerde<TKey>? keySerde, ISerde<TValue>? valueSerde) =>
        new() { KeySerde = keySerde, ValueSerde = valueSerde };

    /// <summary>With a name for the sink node.</summary>
    public static Produced<TKey, TValue> As<TKey, TValue>(string name) => new() { Name = name };
}
