using Streams.State;

namespace Streams;

/// <summary>
/// Stores that keep objects in memory: nothing is serialised but for the changelog, from which they are filled again after a restart.
/// </summary>
public sealed class InMemoryStores : StoreEngine
{
    private InMemoryStores(bool segments) => UsesSegments = segments;

    /// <summary>Expire row by row and list windows by time, then key: as Kafka Streams' stores in memory do.</summary>
    public static InMemoryStores Default { get; } = new(segments: false);

    /// <summary>
    /// Expire a segment of time at once and list windows by segment, then key, then time: as Kafka Streams' persistent stores do. For moving between
    /// both kinds without a difference, and for tests of what will be persistent.
    /// </summary>
    public static InMemoryStores LikePersistent { get; } = new(segments: true);

    /// <summary>Whether expiry and order are those of persistent stores.</summary>
    internal override bool UsesSegments { get; }

    internal override IKeyValueStore<TKey, TStored> KeyValue<TKey, TStored>(KeyValueStoreSpec<TKey, TStored> spec) =>
        new InMemoryKeyValueStore<TKey, TStored>(spec);

    internal override ITimestampedKeyValueStore<TKey, TValue> TimestampedKeyValue<TKey, TValue>(
        KeyValueStoreSpec<TKey, ValueAndTimestamp<TValue>> spec) =>
        new InMemoryTimestampedKeyValueStore<TKey, TValue>(spec);

    internal override IWindowStore<TKey, TStored> Window<TKey, TStored>(WindowStoreSpec<TKey, TStored> spec) =>
        spec.RetainDuplicates
            ? new InMemoryDuplicateStore<TKey, TStored>(spec, UsesSegments)
            : new InMemoryWindowStore<TKey, TStored>(spec, UsesSegments);

    internal override ITimestampedWindowStore<TKey, TValue> TimestampedWindow<TKey, TValue>(WindowStoreSpec<TKey, ValueAndTimestamp<TValue>> spec) =>
        spec.RetainDuplicates
            ? new InMemoryTimestampedDuplicateStore<TKey, TValue>(spec, UsesSegments)
            : new InMemoryTimestampedWindowStore<TKey, TValue>(spec, UsesSegments);

    internal override ISessionStore<TKey, TAggregate> Session<TKey, TAggregate>(SessionStoreSpec<TKey, TAggregate> spec) =>
        new InMemorySessionStore<TKey, TAggregate>(spec, UsesSegments);

    internal override IVersionedKeyValueStore<TKey, TValue> Versioned<TKey, TValue>(VersionedStoreSpec<TKey, TValue> spec) =>
        new InMemoryVersionedStore<TKey, TValue>(spec);
}
