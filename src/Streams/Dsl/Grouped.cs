namespace Streams;

/// <summary>How a stream is grouped: matters where the key changed and the records go through a repartition topic.</summary>
public sealed record Grouped<TKey, TValue>
{
    /// <summary>The keys' serde; null for the stream's own, or the type's default.</summary>
    public ISerde<TKey>? KeySerde { get; init; }

    /// <summary>The values' serde; null for the stream's own, or the type's default.</summary>
    public ISerde<TValue>? ValueSerde { get; init; }

    /// <summary>
    /// Names the repartition topic (<c>application-NAME-repartition</c>), and the node that <c>GroupBy</c> adds to choose the key; null to name the topic
    /// after the store, and the node by a number.
    /// </summary>
    public string? Name { get; init; }

    /// <summary>The same, with a serde for keys.</summary>
    public Grouped<TKey, TValue> WithKeySerde(ISerde<TKey> serde) => this with { KeySerde = serde };

    /// <summary>The same, with a serde for values.</summary>
    public Grouped<TKey, TValue> WithValueSerde(ISerde<TValue> serde) => this with { ValueSerde = serde };

    /// <summary>The same, with a name for the repartition topic.</summary>
    public Grouped<TKey, TValue> WithName(string name) => this with { Name = name };
}

/// <summary>How a stream is grouped.</summary>
public static class Grouped
{
    /// <summary>With these serdes.</summary>
    public static Grouped<TKey, TValue> With<TKey, TValue>(ISerde<TKey>? keySerde, ISerde<TValue>? valueSerde) =>
        new() { KeySerde = keySerde, ValueSerde = valueSerde };

    /// <summary>With a name for the repartition topic.</summary>
    public static Grouped<TKey, TValue> As<TKey, TValue>(string name) => new() { Name = name };
}
