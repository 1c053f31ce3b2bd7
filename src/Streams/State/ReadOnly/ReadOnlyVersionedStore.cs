using Streams.Runtime;

namespace Streams.State;

/// <summary>A global versioned store as tasks see it.</summary>
internal sealed class ReadOnlyVersionedStore<TKey, TValue>(IVersionedKeyValueStore<TKey, TValue> store, StateGate gate)
    : ReadOnlyStore(store, gate), IVersionedKeyValueStore<TKey, TValue>
{
    public VersionedRecord<TValue>? Get(TKey key)
    {
        using var _ = Gate.EnterToRead();
        return store.Get(key);
    }

    public VersionedRecord<TValue>? Get(TKey key, long asOf)
    {
        using var _ = Gate.EnterToRead();
        return store.Get(key, asOf);
    }

    public IEnumerable<VersionedRecord<TValue>> GetVersions(TKey key, long from, long to, bool ascending = false) =>
        List<IReadOnlyVersionedKeyValueStore<TKey, TValue>, VersionedRecord<TValue>>(s => s.GetVersions(key, from, to, ascending));

    public long Put(TKey key, TValue value, long timestamp) => throw Refused();

    public VersionedRecord<TValue>? Delete(TKey key, long timestamp) => throw Refused();
}
