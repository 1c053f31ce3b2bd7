namespace Streams;

/// <summary>How a table's store is named and kept.</summary>
public sealed record Materialized<TKey, TValue>
{
    /// <summary>The store's name, by which it can be queried and its changelog topic is named; null for a generated one that cannot be queried.</summary>
    public string? StoreName { get; init; }

    /// <summary>The keys' serde; null for the stream's own, or the type's default.</summary>
    public ISerde<TKey>? KeySerde { get; init; }

    /// <summary>The values' serde; null for the type's default.</summary>
    public ISerde<TValue>? ValueSerde { get; init; }

    /// <summary>
    /// How long windows are kept, of windowed stores only; null for as long as they can change: size plus grace, of sliding windows twice the time difference
    /// plus grace, of sessions the gap plus grace.
    /// </summary>
    public TimeSpan? Retention { get; init; }

    /// <summary>Whether changes go to a changelog topic. Default true.</summary>
    public bool Logged { get; init; } = true;

    /// <summary>Kafka's topic settings for the changelog, by their own names, on top of the engine's.</summary>
    public IReadOnlyDictionary<string, string>? ChangelogSettings { get; init; }

    /// <summary>
    /// Whether changes wait in the record cache, those of one key as one, where <see cref="StreamConfig.CacheBytesMax"/> gives it room. Default true;
    /// versioned stores are never cached.
    /// </summary>
    public bool Cached { get; init; } = true;

    /// <summary>
    /// How far back a versioned store keeps values that have ended, and how late a value may come; null for a store of latest values alone. Not for
    /// windowed stores.
    /// </summary>
    public TimeSpan? HistoryRetention { get; init; }

    /// <summary>Where the store lives; null for <see cref="StreamConfig.DefaultStores"/>.</summary>
    public StoreEngine? Engine { get; init; }

    /// <summary>The same, with a serde for keys.</summary>
    public Materialized<TKey, TValue> WithKeySerde(ISerde<TKey> serde) => this with { KeySerde = serde };

    /// <summary>The same, with a serde for values.</summary>
    public Materialized<TKey, TValue> WithValueSerde(ISerde<TValue> serde) => this with { ValueSerde = serde };

    /// <summary>The same, with windows kept for <paramref name="retention"/>, at least as long as they can change.</summary>
    public Materialized<TKey, TValue> WithRetention(TimeSpan retention) => this with { Retention = retention };

    /// <summary>The same, without a changelog: what the store holds is gone when its task moves or restarts.</summary>
    public Materialized<TKey, TValue> WithLoggingDisabled() => this with { Logged = false };

    /// <summary>The same, with settings for the changelog topic.</summary>
    public Materialized<TKey, TValue> WithLoggingEnabled(IReadOnlyDictionary<string, string> changelogSettings) =>
        this with { Logged = true, ChangelogSettings = changelogSettings };

    /// <summary>The same, with changes of a key between two commits sent on as one, where <see cref="StreamConfig.CacheBytesMax"/> gives room. The default.</summary>
    public Materialized<TKey, TValue> WithCachingEnabled() => this with { Cached = true };

    /// <summary>The same, with each change sent on at once.</summary>
    public Materialized<TKey, TValue> WithCachingDisabled() => this with { Cached = false };

    /// <summary>The same, with the store on <paramref name="engine"/>.</summary>
    public Materialized<TKey, TValue> WithStores(StoreEngine engine) => this with { Engine = engine };

    internal StoreBuilder Apply(StoreBuilder store)
    {
        store = Cached ? store.WithCachingEnabled() : store.WithCachingDisabled();
        if (Engine is { } engine)
            store = store.WithStores(engine);
        return !Logged ? store.WithLoggingDisabled()
            : ChangelogSettings is { } settings ? store.WithLoggingEnabled(settings)
            : store;
    }
}

/// <summary>How a table's store is named and kept.</summary>
public static class Materialized
{
    /// <summary>As a store called <paramref name="storeName"/>.</summary>
    public static Materialized<TKey, TValue> As<TKey, TValue>(string storeName) => new() { StoreName = storeName };

    /// <summary>
    /// As a versioned store called <paramref name="storeName"/> (KIP-889): a table whose latest value is the one of the greatest timestamp, and that can
    /// tell what held before. Joins and aggregations ignore its out-of-order changes (KIP-914). It is never cached.
    /// </summary>
    /// <param name="storeName">The store's name.</param>
    /// <param name="historyRetention">How far back values are kept that have ended, and how late a value may come.</param>
    public static Materialized<TKey, TValue> AsVersioned<TKey, TValue>(string storeName, TimeSpan historyRetention) =>
        new() { StoreName = storeName, HistoryRetention = historyRetention };

    /// <summary>With these serdes.</summary>
    public static Materialized<TKey, TValue> With<TKey, TValue>(ISerde<TKey>? keySerde, ISerde<TValue>? valueSerde) =>
        new() { KeySerde = keySerde, ValueSerde = valueSerde };
}
