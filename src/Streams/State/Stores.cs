using System.Globalization;
using Streams.State;

namespace Streams;

/// <summary>
/// Stores to add to a topology. On the application's <see cref="StreamConfig.DefaultStores"/>, logged to a changelog topic and not cached, unless told
/// otherwise.
/// </summary>
public static class Stores
{
    // By how much clocks may differ before a changelog loses live versions: fixed in Kafka Streams too, whose setting is for windows alone.
    private static readonly TimeSpan AdditionalCompactionLag = TimeSpan.FromDays(1);

    /// <summary>Values by key: an <see cref="IKeyValueStore{TKey, TValue}"/>.</summary>
    public static StoreBuilder KeyValue<TKey, TValue>(string name, ISerde<TKey> keySerde, ISerde<TValue> valueSerde)
    {
        var spec = new KeyValueStoreSpec<TKey, TValue>(name, keySerde, new PlainValue<TValue>(valueSerde));
        return new(name, engine => engine.KeyValue(spec))
        {
            ChangelogSettings = Compacted(),
            ReadOnly = (store, gate) => new ReadOnlyKeyValueStore<TKey, TValue>((IKeyValueStore<TKey, TValue>)store, gate),
            WrapInCache = (store, _, task) => new CachedPlainKeyValueStore<TKey, TValue>((IKeyValueStore<TKey, TValue>)store, spec, task),
        };
    }

    /// <summary>
    /// Values by key, at most <paramref name="entriesMax"/>, in memory whatever the application's stores are: an
    /// <see cref="IKeyValueStore{TKey, TValue}"/>. A new key pushes out the one that was read or put least lately, from the changelog, too.
    /// Kafka Streams' <c>Stores.lruMap</c>.
    /// </summary>
    /// <param name="name">The store's name.</param>
    /// <param name="entriesMax">How many keys it holds, at least 1.</param>
    /// <param name="keySerde">The keys' serde.</param>
    /// <param name="valueSerde">The values' serde.</param>
    public static StoreBuilder LruMap<TKey, TValue>(string name, int entriesMax, ISerde<TKey> keySerde, ISerde<TValue> valueSerde)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(entriesMax, 1);
        var spec = new KeyValueStoreSpec<TKey, TValue>(name, keySerde, new PlainValue<TValue>(valueSerde));
        return new(name, _ => new InMemoryLruStore<TKey, TValue>(spec, entriesMax))
        {
            UsesEngine = false,
            ChangelogSettings = Compacted(),
            ReadOnly = (store, gate) => new ReadOnlyKeyValueStore<TKey, TValue>((IKeyValueStore<TKey, TValue>)store, gate),
            WrapInCache = (store, _, task) => new CachedPlainKeyValueStore<TKey, TValue>((IKeyValueStore<TKey, TValue>)store, spec, task),
        };
    }

    /// <summary>Values by key with the time of their last change: an <see cref="ITimestampedKeyValueStore{TKey, TValue}"/>.</summary>
    public static StoreBuilder TimestampedKeyValue<TKey, TValue>(string name, ISerde<TKey> keySerde, ISerde<TValue> valueSerde)
    {
        var spec = new KeyValueStoreSpec<TKey, ValueAndTimestamp<TValue>>(name, keySerde, new TimestampedValue<TValue>(valueSerde));
        return new(name, engine => engine.TimestampedKeyValue(spec))
        {
            ChangelogSettings = Compacted(),
            ReadOnly = (store, gate) => new ReadOnlyTimestampedKeyValueStore<TKey, TValue>((ITimestampedKeyValueStore<TKey, TValue>)store, gate),
            WrapInCache = (store, _, task) => new CachedTimestampedKeyValueStore<TKey, TValue>(
                (IKeyValueStore<TKey, ValueAndTimestamp<TValue>>)store, spec, task),
        };
    }

    /// <summary>Values by key and window start: an <see cref="IWindowStore{TKey, TValue}"/>.</summary>
    /// <param name="name">The store's name.</param>
    /// <param name="keySerde">The keys' serde.</param>
    /// <param name="valueSerde">The values' serde.</param>
    /// <param name="retention">How far a window's start may lie behind the latest before it is dropped.</param>
    /// <param name="windowSize">The windows' size, at most <paramref name="retention"/>.</param>
    /// <param name="retainDuplicates">Whether puts of one key and start are kept beside each other instead of the last. Such a store ignores deletions.</param>
    public static StoreBuilder Window<TKey, TValue>(
        string name, ISerde<TKey> keySerde, ISerde<TValue> valueSerde, TimeSpan retention, TimeSpan windowSize, bool retainDuplicates = false) =>
        WindowOf(Spec(name, keySerde, new PlainValue<TValue>(valueSerde), retention, windowSize, retainDuplicates));

    /// <summary>As <see cref="Window"/>, with the time of each value's last change: an <see cref="ITimestampedWindowStore{TKey, TValue}"/>.</summary>
    /// <inheritdoc cref="Window"/>
    public static StoreBuilder TimestampedWindow<TKey, TValue>(
        string name, ISerde<TKey> keySerde, ISerde<TValue> valueSerde, TimeSpan retention, TimeSpan windowSize, bool retainDuplicates = false) =>
        TimestampedWindowOf(Spec(name, keySerde, new TimestampedValue<TValue>(valueSerde), retention, windowSize, retainDuplicates));

    /// <summary>Aggregates by key and session: an <see cref="ISessionStore{TKey, TAggregate}"/>.</summary>
    /// <param name="name">The store's name.</param>
    /// <param name="keySerde">The keys' serde.</param>
    /// <param name="aggregateSerde">The aggregates' serde.</param>
    /// <param name="retention">How far a session's end may lie behind the latest before it is dropped.</param>
    public static StoreBuilder Session<TKey, TAggregate>(string name, ISerde<TKey> keySerde, ISerde<TAggregate> aggregateSerde, TimeSpan retention)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(retention, TimeSpan.Zero);
        return SessionOf(new SessionStoreSpec<TKey, TAggregate>(name, keySerde, new PlainValue<TAggregate>(aggregateSerde), Milliseconds(retention)));
    }

    /// <summary>Values by key and time: an <see cref="IVersionedKeyValueStore{TKey, TValue}"/> (KIP-889).</summary>
    /// <param name="name">The store's name.</param>
    /// <param name="keySerde">The keys' serde.</param>
    /// <param name="valueSerde">The values' serde.</param>
    /// <param name="historyRetention">How far back values are kept that have ended, and how late a value may come.</param>
    public static StoreBuilder Versioned<TKey, TValue>(string name, ISerde<TKey> keySerde, ISerde<TValue> valueSerde, TimeSpan historyRetention)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(historyRetention, TimeSpan.Zero);
        var spec = new VersionedStoreSpec<TKey, TValue>(name, keySerde, valueSerde, Milliseconds(historyRetention));
        return new(name, engine => engine.Versioned(spec))
        {
            ReadOnly = (store, gate) => new ReadOnlyVersionedStore<TKey, TValue>((IVersionedKeyValueStore<TKey, TValue>)store, gate),

            // Compaction must leave each version alone for as long as the store may need it.
            ChangelogSettings = new Dictionary<string, string>(Compacted())
            {
                ["min.compaction.lag.ms"] = Milliseconds(historyRetention + AdditionalCompactionLag).ToString(CultureInfo.InvariantCulture),
            },
        };
    }

    /// <summary>A store of your own, without a changelog: durable by itself, or dispensable.</summary>
    /// <param name="name">The store's name; <see cref="IStateStore.Name"/> must return the same.</param>
    /// <param name="make">Makes one store for each task.</param>
    public static StoreBuilder Custom(string name, Func<IStateStore> make)
    {
        ArgumentNullException.ThrowIfNull(make);
        return new(name, _ => make()) { Logged = false, UsesEngine = false };
    }

    /// <summary>A store of the engine's own that is always in memory, whatever the engine, and logs its changes itself.</summary>
    internal static StoreBuilder InMemoryOf(string name, Func<IStateStore> make) =>
        new(name, _ => make()) { UsesEngine = false, ChangelogSettings = Compacted() };

    internal static StoreBuilder KeyValueOf<TKey, TStored>(KeyValueStoreSpec<TKey, TStored> spec) =>
        new(spec.Name, engine => engine.KeyValue(spec)) { ChangelogSettings = Compacted() };

    internal static StoreBuilder WindowOf<TKey, TValue>(WindowStoreSpec<TKey, TValue> spec) =>
        new(spec.Name, engine => engine.Window(spec))
        {
            ChangelogSettings = CompactedAndDeleted(),
            ChangelogRetentionMs = spec.ChangelogRetentionMs,
            ReadOnly = (store, gate) => new ReadOnlyWindowStore<TKey, TValue>((IWindowStore<TKey, TValue>)store, gate),
            WrapInCache = spec.RetainDuplicates ? null : (store, engine, task) => new CachedPlainWindowStore<TKey, TValue>(
                (IWindowStore<TKey, TValue>)store, spec, engine.UsesSegments, task),
        };

    internal static StoreBuilder TimestampedWindowOf<TKey, TValue>(WindowStoreSpec<TKey, ValueAndTimestamp<TValue>> spec) =>
        new(spec.Name, engine => engine.TimestampedWindow(spec))
        {
            ChangelogSettings = CompactedAndDeleted(),
            ChangelogRetentionMs = spec.ChangelogRetentionMs,
            ReadOnly = (store, gate) => new ReadOnlyTimestampedWindowStore<TKey, TValue>((ITimestampedWindowStore<TKey, TValue>)store, gate),
            WrapInCache = spec.RetainDuplicates ? null : (store, engine, task) => new CachedTimestampedWindowStore<TKey, TValue>(
                (IWindowStore<TKey, ValueAndTimestamp<TValue>>)store, spec, engine.UsesSegments, task),
        };

    internal static StoreBuilder SessionOf<TKey, TAggregate>(SessionStoreSpec<TKey, TAggregate> spec) =>
        new(spec.Name, engine => engine.Session(spec))
        {
            ChangelogSettings = CompactedAndDeleted(),
            ChangelogRetentionMs = spec.ChangelogRetentionMs,
            ReadOnly = (store, gate) => new ReadOnlySessionStore<TKey, TAggregate>((ISessionStore<TKey, TAggregate>)store, gate),
            WrapInCache = (store, engine, task) => new CachedSessionStore<TKey, TAggregate>(
                (ISessionStore<TKey, TAggregate>)store, spec, engine.UsesSegments, task),
        };

    private static Dictionary<string, string> Compacted() => new()
    {
        ["cleanup.policy"] = "compact",
        ["message.timestamp.type"] = "CreateTime",
    };

    private static Dictionary<string, string> CompactedAndDeleted() => new()
    {
        ["cleanup.policy"] = "compact,delete",
        ["message.timestamp.type"] = "CreateTime",
    };

    private static WindowStoreSpec<TKey, TStored> Spec<TKey, TStored>(
        string name, ISerde<TKey> keySerde, StoredValue<TStored> values, TimeSpan retention, TimeSpan windowSize, bool retainDuplicates)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(windowSize, TimeSpan.Zero);
        if (retention < windowSize)
            throw new TopologyException($"Store '{name}' would drop windows before they end: its retention ({retention}) is below the window size ({windowSize}).");
        return new(name, keySerde, values, Milliseconds(retention), Milliseconds(windowSize)) { RetainDuplicates = retainDuplicates };
    }

    private static long Milliseconds(TimeSpan span) => (long)span.TotalMilliseconds;
}
