namespace Streams;

/// <summary>How a stream-stream join is named and keeps its records.</summary>
public sealed record StreamJoined<TKey, TLeft, TRight>
{
    /// <summary>The keys' serde; null for the streams' own, or the type's default.</summary>
    public ISerde<TKey>? KeySerde { get; init; }

    /// <summary>The left values' serde; null for the stream's own, or the type's default.</summary>
    public ISerde<TLeft>? LeftSerde { get; init; }

    /// <summary>The right values' serde; null for the stream's own, or the type's default.</summary>
    public ISerde<TRight>? RightSerde { get; init; }

    /// <summary>Names the join's nodes and repartition topics (<c>NAME-left-repartition</c>, <c>NAME-right-repartition</c>); null for generated names.</summary>
    public string? Name { get; init; }

    /// <summary>Names the stores and their changelogs (<c>NAME-this-join-store</c> and so on); null for generated names.</summary>
    public string? StoreName { get; init; }

    /// <summary>Whether what the stores hold goes to changelog topics. Default true.</summary>
    public bool Logged { get; init; } = true;

    /// <summary>Kafka's topic settings for the changelogs, by their own names, on top of the engine's.</summary>
    public IReadOnlyDictionary<string, string>? ChangelogSettings { get; init; }

    /// <summary>Where the stores live; null for <see cref="StreamConfig.DefaultStores"/>.</summary>
    public StoreEngine? Engine { get; init; }

    /// <summary>The same, with a serde for keys.</summary>
    public StreamJoined<TKey, TLeft, TRight> WithKeySerde(ISerde<TKey> serde) => this with { KeySerde = serde };

    /// <summary>The same, with a serde for the left values.</summary>
    public StreamJoined<TKey, TLeft, TRight> WithLeftSerde(ISerde<TLeft> serde) => this with { LeftSerde = serde };

    /// <summary>The same, with a serde for the right values.</summary>
    public StreamJoined<TKey, TLeft, TRight> WithRightSerde(ISerde<TRight> serde) => this with { RightSerde = serde };

    /// <summary>The same, with a name for nodes and repartition topics.</summary>
    public StreamJoined<TKey, TLeft, TRight> WithName(string name) => this with { Name = name };

    /// <summary>The same, with a name for the stores.</summary>
    public StreamJoined<TKey, TLeft, TRight> WithStoreName(string storeName) => this with { StoreName = storeName };

    /// <summary>The same, without changelogs: what waits for a partner is gone when its task moves or restarts.</summary>
    public StreamJoined<TKey, TLeft, TRight> WithLoggingDisabled() => this with { Logged = false };

    /// <summary>The same, with settings for the changelog topics.</summary>
    public StreamJoined<TKey, TLeft, TRight> WithLoggingEnabled(IReadOnlyDictionary<string, string> changelogSettings) =>
        this with { Logged = true, ChangelogSettings = changelogSettings };

    /// <summary>The same, with the stores on <paramref name="engine"/>.</summary>
    public StreamJoined<TKey, TLeft, TRight> WithStores(StoreEngine engine) => this with { Engine = engine };

    internal StoreBuilder Apply(StoreBuilder store)
    {
        if (Engine is { } engine)
            store = store.WithStores(engine);
        return !Logged ? store.WithLoggingDisabled()
            : ChangelogSettings is { } settings ? store.WithLoggingEnabled(settings)
            : store;
    }
}

/// <summary>How a stream-stream join is named and keeps its records.</summary>
public static class StreamJoined
{
    /// <summary>With these serdes.</summary>
    public static StreamJoined<TKey, TLeft, TRight> With<TKey, TLeft, TRight>(
        ISerde<TKey>? keySerde, ISerde<TLeft>? leftSerde, ISerde<TRight>? rightSerde) =>
        new() { KeySerde = keySerde, LeftSerde = leftSerde, RightSerde = rightSerde };

    /// <summary>With a name for the stores.</summary>
    public static StreamJoined<TKey, TLeft, TRight> As<TKey, TLeft, TRight>(string storeName) => new() { StoreName = storeName };
}
