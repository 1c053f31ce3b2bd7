using System.Diagnostics.CodeAnalysis;
using Streams.Runtime;

namespace Streams.State;

/// <summary>A global key-value store as tasks see it.</summary>
internal class ReadOnlyKeyValueStore<TKey, TValue>(IKeyValueStore<TKey, TValue> store, StateGate gate)
    : ReadOnlyStore(store, gate), IKeyValueStore<TKey, TValue>
{
    public long Count
    {
        get
        {
            using var _ = Gate.EnterToRead();
            return store.Count;
        }
    }

    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        using var _ = Gate.EnterToRead();
        return store.TryGet(key, out value);
    }

    public IEnumerable<KeyValue<TKey, TValue>> All() => Rows(s => s.All());

    public IEnumerable<KeyValue<TKey, TValue>> ReverseAll() => Rows(s => s.ReverseAll());

    public IEnumerable<KeyValue<TKey, TValue>> Range(TKey? from, TKey? to) => Rows(s => s.Range(from, to));

    public IEnumerable<KeyValue<TKey, TValue>> ReverseRange(TKey? from, TKey? to) => Rows(s => s.ReverseRange(from, to));

    public IEnumerable<KeyValue<TKey, TValue>> PrefixScan<TPrefix>(TPrefix prefix, ISerde<TPrefix> prefixSerde) =>
        Rows(s => s.PrefixScan(prefix, prefixSerde));

    public void Put(TKey key, TValue value) => throw Refused();

    public bool PutIfAbsent(TKey key, TValue value) => throw Refused();

    public bool Delete(TKey key) => throw Refused();

    private IEnumerable<KeyValue<TKey, TValue>> Rows(Func<IReadOnlyKeyValueStore<TKey, TValue>, IEnumerable<KeyValue<TKey, TValue>>> look) => List(look);
}

/// <summary>The store of a global table as tasks see it.</summary>
internal sealed class ReadOnlyTimestampedKeyValueStore<TKey, TValue>(ITimestampedKeyValueStore<TKey, TValue> store, StateGate gate)
    : ReadOnlyKeyValueStore<TKey, ValueAndTimestamp<TValue>>(store, gate), ITimestampedKeyValueStore<TKey, TValue>;
