namespace Streams.Query;

/// <summary>This instance's partitions of a versioned store as one: a key's versions are all in one of them.</summary>
internal sealed class CompositeVersionedStore<TKey, TValue>(LocalStores stores) : IReadOnlyVersionedKeyValueStore<TKey, TValue>
{
    public VersionedRecord<TValue>? Get(TKey key) => First(s => s.Get(key));

    public VersionedRecord<TValue>? Get(TKey key, long asOf) => First(s => s.Get(key, asOf));

    public IEnumerable<VersionedRecord<TValue>> GetVersions(TKey key, long from, long to, bool ascending = false) =>
        stores.List<IReadOnlyVersionedKeyValueStore<TKey, TValue>, VersionedRecord<TValue>>(s => s.GetVersions(key, from, to, ascending));

    private VersionedRecord<TValue>? First(Func<IReadOnlyVersionedKeyValueStore<TKey, TValue>, VersionedRecord<TValue>?> look) =>
        stores.Ask(look).FirstOrDefault(found => found is not null);
}
