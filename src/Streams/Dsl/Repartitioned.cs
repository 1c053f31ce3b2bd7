namespace Streams;

/// <summary>How a stream goes through a repartition topic.</summary>
public sealed record Repartitioned<TKey, TValue>
{
    /// <summary>Names the topic (<c>application-NAME-repartition</c>); null for a generated name.</summary>
    public string? Name { get; init; }

    /// <summary>The keys' serde; null for the stream's own, or the type's default.</summary>
    public ISerde<TKey>? KeySerde { get; init; }

    /// <summary>The values' serde; null for the stream's own, or the type's default.</summary>
    public ISerde<TValue>? ValueSerde { get; init; }

    /// <summary>How many partitions the topic has; null for as many as what is written into it comes from.</summary>
    public int? Partitions { get; init; }

    /// <summary>Chooses partitions; null for murmur2 of the key, as Kafka's Java client does.</summary>
    public StreamPartitioner<TKey, TValue>? Partitioner { get; init; }

    /// <summary>The same, with a name for the topic.</summary>
    public Repartitioned<TKey, TValue> WithName(string name) => this with { Name = name };

    /// <summary>The same, with so many partitions, at least 1.</summary>
    public Repartitioned<TKey, TValue> WithNumberOfPartitions(int partitions)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(partitions, 1);
        return this with { Partitions = partitions };
    }

    /// <summary>The same, with a partitioner.</summary>
    public Repartitioned<TKey, TValue> WithStreamPartitioner(StreamPartitioner<TKey, TValue> partitioner) => this with { Partitioner = partitioner };

    /// <summary>The same, with a serde for keys.</summary>
    public Repartitioned<TKey, TValue> WithKeySerde(ISerde<TKey> serde) => this with { KeySerde = serde };

    /// <summary>The same, with a serde for values.</summary>
    public Repartitioned<TKey, TValue> WithValueSerde(ISerde<TValue> serde) => this with { ValueSerde = serde };
}

/// <summary>How a stream goes through a repartition topic.</summary>
public static class Repartitioned
{
    /// <summary>With these serdes.</summary>
    public static Repartitioned<TKey, TValue> With<TKey, TValue>(ISerde<TKey>? keySerde, ISerde<TValue>? valueSerde) =>
        new() { KeySerde = keySerde, ValueSerde = valueSerde };

    /// <summary>With a name for the topic.</summary>
    public static Repartitioned<TKey, TValue> As<TKey, TValue>(string name) => new() { Name = name };

    /// <summary>With so many partitions, at least 1.</summary>
    public static Repartitioned<TKey, TValue> NumberOfPartitions<TKey, TValue>(int partitions) =>
        new Repartitioned<TKey, TValue>().WithNumberOfPartitions(partitions);
}
