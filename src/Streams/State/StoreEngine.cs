using Streams.State;

namespace Streams;

/// <summary>
/// Where stores live: in memory (<see cref="InMemoryStores"/>) or on disk. Chosen for all stores with
/// <see cref="StreamConfig.DefaultStores"/>, for one with <see cref="StoreBuilder.WithStores"/> or <c>Materialized.WithStores</c>.
/// Kafka Streams' <c>dsl.store.suppliers.class</c> (KIP-954).
/// </summary>
/// <remarks>
/// A store that an engine makes logs its own changes to the changelog of its <see cref="StateStoreContext"/>, and is
/// <see cref="IRestorable"/>; the record cache is put in front of it by whoever opens it.
/// </remarks>
public abstract class StoreEngine
{
    internal StoreEngine()
    {
    }

    /// <summary>Whether window and session stores expire and list rows by segments of time.</summary>
    internal virtual bool UsesSegments => true;

    internal abstract IKeyValueStore<TKey, TStored> KeyValue<TKey, TStored>(KeyValueStoreSpec<TKey, TStored> spec);

    internal abstract ITimestampedKeyValueStore<TKey, TValue> TimestampedKeyValue<TKey, TValue>(
        KeyValueStoreSpec<TKey, ValueAndTimestamp<TValue>> spec);

    internal abstract IWindowStore<TKey, TStored> Window<TKey, TStored>(WindowStoreSpec<TKey, TStored> spec);

    internal abstract ITimestampedWindowStore<TKey, TValue> TimestampedWindow<TKey, TValue>(WindowStoreSpec<TKey, ValueAndTimestamp<TValue>> spec);

    internal abstract ISessionStore<TKey, TAggregate> Session<TKey, TAggregate>(SessionStoreSpec<TKey, TAggregate> spec);

    internal abstract IVersionedKeyValueStore<TKey, TValue> Versioned<TKey, TValue>(VersionedStoreSpec<TKey, TValue> spec);

    /// <summary>Opens what all of a task's stores on this engine share; null where they share nothing. Its owner disposes it after its stores.</summary>
    internal virtual TaskStorage? OpenTask(TaskStorageSettings settings) => null;
}
