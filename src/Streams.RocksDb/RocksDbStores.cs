using Streams.RocksDb.Database;
using Streams.RocksDb.Stores;
using Streams.State;

namespace Streams.RocksDb;

/// <summary>
/// Persistent stores: rows live on disk, in one RocksDB database for each task, so state may exceed memory and a restart reads only the end of the
/// changelog. Set as <see cref="StreamConfig.DefaultStores"/>, or for one store with <c>WithStores</c>.
/// </summary>
/// <remarks>
/// Needs the system's RocksDB library. Make one for an application instance: all its stores share the memory of <see cref="RocksDbOptions.MemoryBytes"/>.
/// State is kept in <c>StateDirectory/application/task/rocksdb</c>. Expiry, order and encodings are those of Kafka Streams' persistent stores
/// (<see cref="InMemoryStores.LikePersistent"/> in memory), except that what a crash leaves is never wiped (docs/adr/0040).
/// </remarks>
public sealed class RocksDbStores : StoreEngine, IDisposable
{
    private readonly RocksDbBudget _budget;

    /// <summary>Makes stores with these bounds; null for the defaults.</summary>
    /// <exception cref="RocksDbMissingException">This system has no RocksDB.</exception>
    /// <exception cref="System.ComponentModel.DataAnnotations.ValidationException">The options are out of bounds.</exception>
    public RocksDbStores(RocksDbOptions? options = null) => _budget = new RocksDbBudget(options ?? new RocksDbOptions());

    /// <summary>Told of a state folder that was deleted because a file in it was damaged. Its stores are restored from their changelogs.</summary>
    public event EventHandler<StoreCorruptedException>? StateDeleted;

    /// <summary>Gives the caches back. Stores that are open keep what they use until they close.</summary>
    public void Dispose() => _budget.Dispose();

    internal override IKeyValueStore<TKey, TStored> KeyValue<TKey, TStored>(KeyValueStoreSpec<TKey, TStored> spec) =>
        new RocksKeyValueStore<TKey, TStored>(spec);

    internal override ITimestampedKeyValueStore<TKey, TValue> TimestampedKeyValue<TKey, TValue>(
        KeyValueStoreSpec<TKey, ValueAndTimestamp<TValue>> spec) =>
        new RocksTimestampedKeyValueStore<TKey, TValue>(spec);

    internal override IWindowStore<TKey, TStored> Window<TKey, TStored>(WindowStoreSpec<TKey, TStored> spec) =>
        new RocksWindowStore<TKey, TStored>(spec);

    internal override ITimestampedWindowStore<TKey, TValue> TimestampedWindow<TKey, TValue>(WindowStoreSpec<TKey, ValueAndTimestamp<TValue>> spec) =>
        new RocksTimestampedWindowStore<TKey, TValue>(spec);

    internal override ISessionStore<TKey, TAggregate> Session<TKey, TAggregate>(SessionStoreSpec<TKey, TAggregate> spec) =>
        new RocksSessionStore<TKey, TAggregate>(spec);

    internal override IVersionedKeyValueStore<TKey, TValue> Versioned<TKey, TValue>(VersionedStoreSpec<TKey, TValue> spec) =>
        new RocksVersionedStore<TKey, TValue>(spec);

    internal override TaskStorage OpenTask(TaskStorageSettings settings)
    {
        var folder = new StateFolder(Path.Combine(settings.StateDirectory, settings.ApplicationId, settings.Task.ToString(), "rocksdb"));
        if (settings.StartsAnew)
            folder.Delete();
        if (folder.DamageFound() is { } damage)
        {
            folder.Delete();
            Tell(damage);
        }

        try
        {
            return new RocksTaskStorage(folder, settings.Stores, _budget);
        }
        catch (StoreCorruptedException error)
        {
            folder.Delete();
            Tell(error);
            return new RocksTaskStorage(folder, settings.Stores, _budget);
        }

        void Tell(StoreCorruptedException damage)
        {
            settings.StateLost?.Invoke(damage);
            StateDeleted?.Invoke(this, damage);
        }
    }
}
