namespace Streams;

/// <summary>How a source reads its topic.</summary>
public sealed record Consumed<TKey, TValue>
{
    /// <summary>The keys' serde; null for the type's default.</summary>
    public ISerde<TKey>? KeySerde { get; init; }

    /// <summary>The values' serde; null for the type's default.</summary>
    public ISerde<TValue>? ValueSerde { get; init; }

    /// <summary>Takes a record's time from its content; null for the time that Kafka holds.</summary>
    public TimestampExtractor<TKey, TValue>? TimestampExtractor { get; init; }

    /// <summary>The source node's name; null for a generated one.</summary>
    public string? Name { get; init; }

    /// <summary>The same, with a serde for keys.</summary>
    public Consumed<TKey, TValue> WithKeySerde(ISerde<TKey> serde) => this with { KeySerde = serde };

    /// <summary>The same, with a serde for values.</summary>
    public Consumed<TKey, TValue> WithValueSerde(ISerde<TValue> serde) => this with { ValueSerde = serde };

    /// <summary>The same, with the records' time taken from their content.</summary>
    public Consumed<TKey, TValue> WithTimestampExtractor(TimestampExtractor<TKey, TValue> extractor) => this with { TimestampExtractor = extractor };

    /// <summary>The same, with a name for the source node.</summary>
    public Consumed<TKey, TValue> WithName(string name) => this with { Name = name };
}

/// <summary>How a source reads its topic.</summary>
public static class Consumed
{
    /// <summary>With these serdes.</summary>
    public static Consumed<TKey, TValue> With<TKey, TValue>(ISerde<TKey>? keySerde, ISerde<TValue>? valueSerde) =>
        new() { KeySerde = keySerde, ValueSerde = valueSerde };

    /// <summary>With a name for the source node.</summary>
    public static Consumed<TKey, TValue> As<TKey, TValue>(string name) => new() { Name = name };
}
