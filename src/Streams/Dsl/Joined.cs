namespace Streams;

/// <summary>How a stream-table join is named and read.</summary>
public sealed record Joined<TKey, TLeft, TRight>
{
    /// <summary>The keys' serde; null for the stream's own, or the type's default. Used where the stream goes through a repartition topic or a buffer.</summary>
    public ISerde<TKey>? KeySerde { get; init; }

    /// <summary>The stream's values' serde; null for the stream's own, or the type's default. Used where the stream goes through a repartition topic or a buffer.</summary>
    public ISerde<TLeft>? LeftSerde { get; init; }

    /// <summary>The table's values' serde. The join does not need it; Kafka Streams' <c>Joined</c> has it too.</summary>
    public ISerde<TRight>? RightSerde { get; init; }

    /// <summary>Names the node and the repartition topic (<c>NAME-repartition</c>); null for generated names.</summary>
    public string? Name { get; init; }

    /// <summary>
    /// How long a record of the stream waits, in stream time, for table updates that come late; null to join at once. The table must be versioned and
    /// keep a history at least as long (KIP-923).
    /// </summary>
    public TimeSpan? GracePeriod { get; init; }

    /// <summary>The same, with a serde for keys.</summary>
    public Joined<TKey, TLeft, TRight> WithKeySerde(ISerde<TKey> serde) => this with { KeySerde = serde };

    /// <summary>The same, with a serde for the stream's values.</summary>
    public Joined<TKey, TLeft, TRight> WithLeftSerde(ISerde<TLeft> serde) => this with { LeftSerde = serde };

    /// <summary>The same, with a serde for the table's values.</summary>
    public Joined<TKey, TLeft, TRight> WithRightSerde(ISerde<TRight> serde) => this with { RightSerde = serde };

    /// <summary>The same, with a name.</summary>
    public Joined<TKey, TLeft, TRight> WithName(string name) => this with { Name = name };

    /// <summary>The same, with the stream's records waiting for late table updates for <paramref name="grace"/> of stream time.</summary>
    public Joined<TKey, TLeft, TRight> WithGracePeriod(TimeSpan grace)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(grace, TimeSpan.Zero);
        return this with { GracePeriod = grace };
    }
}

/// <summary>How a stream-table join is named and read.</summary>
public static class Joined
{
    /// <summary>With these serdes.</summary>
    public static Joined<TKey, TLeft, TRight> With<TKey, TLeft, TRight>(
        ISerde<TKey>? keySerde, ISerde<TLeft>? leftSerde, ISerde<TRight>? rightSerde = null) =>
        new() { KeySerde = keySerde, LeftSerde = leftSerde, RightSerde = rightSerde };

    /// <summary>With a name.</summary>
    public static Joined<TKey, TLeft, TRight> As<TKey, TLeft, TRight>(string name) => new() { Name = name };
}
