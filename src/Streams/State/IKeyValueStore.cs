using System.Diagnostics.CodeAnalysis;

namespace Streams;

/// <summary>A key-value store as queries see it. Orders are those of the keys' serialised bytes, as in Kafka Streams.</summary>
/// <remarks>A list that is asked for beside the task is as of its first row, and to be read to its end or disposed; within a processor it is as of the call.</remarks>
public interface IReadOnlyKeyValueStore<TKey, TValue>
{
    /// <summary>Finds a key's value.</summary>
    bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value);

    /// <summary>A key's value; null or default where there is none.</summary>
    TValue? Get(TKey key) => TryGet(key, out var value) ? value : default;

    /// <summary>Everything, by key. A snapshot: changes made while it is read do not show.</summary>
    IEnumerable<KeyValue<TKey, TValue>> All();

    /// <summary>Everything, last key first. A snapshot.</summary>
    IEnumerable<KeyValue<TKey, TValue>> ReverseAll();

    /// <summary>Keys from <paramref name="from"/> to <paramref name="to"/>, both included; null is open. A snapshot.</summary>
    IEnumerable<KeyValue<TKey, TValue>> Range(TKey? from, TKey? to);

    /// <summary>As <see cref="Range"/>, last key first. A snapshot.</summary>
    IEnumerable<KeyValue<TKey, TValue>> ReverseRange(TKey? from, TKey? to);

    /// <summary>All keys whose bytes begin with those of <paramref name="prefix"/>, by key. A snapshot.</summary>
    /// <param name="prefix">The prefix.</param>
    /// <param name="prefixSerde">Writes the prefix as the store's serde writes the beginnings of keys.</param>
    IEnumerable<KeyValue<TKey, TValue>> PrefixScan<TPrefix>(TPrefix prefix, ISerde<TPrefix> prefixSerde);

    /// <summary>
    /// How many keys there are. What a record cache has not written yet is not counted, and a store on RocksDB gives RocksDB's estimate of the rows that it
    /// has written, in which a key counts once for each file that it is in; as <c>approximateNumEntries</c> in Kafka Streams.
    /// </summary>
    long Count { get; }
}

/// <summary>A key-value store. Keep what you put unchanged: the store holds the object itself, and its changelog holds the bytes of the moment.</summary>
public interface IKeyValueStore<TKey, TValue> : IReadOnlyKeyValueStore<TKey, TValue>, IStateStore
{
    /// <summary>Sets a key's value; null deletes the key.</summary>
    void Put(TKey key, TValue value);

    /// <summary>Sets a key's value where there is none.</summary>
    /// <returns>Whether it was set.</returns>
    bool PutIfAbsent(TKey key, TValue value);

    /// <summary>Deletes a key.</summary>
    /// <returns>Whether there was one.</returns>
    bool Delete(TKey key);
}

/// <summary>A key-value store whose values carry the time of their last change: what tables and aggregations keep.</summary>
public interface ITimestampedKeyValueStore<TKey, TValue> : IKeyValueStore<TKey, ValueAndTimestamp<TValue>>;
