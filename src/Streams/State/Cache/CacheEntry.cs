namespace Streams.State;

/// <summary>One key's latest value in a record cache, where it came from, and its neighbours in the orders of use and of change.</summary>
/// <param name="key">The key.</param>
/// <param name="keyBytes">How long it is when written.</param>
/// <param name="madeIn">How many snapshots of the cache there were when the entry was made: its change is replaced only until the next.</param>
internal sealed class CacheEntry<TKey, TStored>(TKey key, int keyBytes, int madeIn)
{
    public TKey Key { get; } = key;

    /// <summary>How long the key is when written, for the budget.</summary>
    public int KeyBytes { get; } = keyBytes;

    public int MadeIn { get; } = madeIn;

    public CachedChange<TKey, TStored> Change;
    public bool IsDirty;
    public long Bytes;

    // By use: the newest was used last.
    public CacheEntry<TKey, TStored>? Newer;
    public CacheEntry<TKey, TStored>? Older;

    // By change, of those that are dirty.
    public CacheEntry<TKey, TStored>? NextDirty;
    public CacheEntry<TKey, TStored>? PreviousDirty;
}

/// <summary>A value on its way through a cache, with the task's context as it was when it was put.</summary>
internal readonly record struct CachedChange<TKey, TStored>(
    TKey Key, TStored Value, bool HasValue, string? Topic, int Partition, long Offset, long Timestamp, Headers? Headers);

/// <summary>The store behind a cache.</summary>
internal interface ICacheOwner<TKey, TStored>
{
    /// <summary>How many bytes the key takes in the cache.</summary>
    int SizeOfKey(TKey key);

    int SizeOfValue(in TStored value);

    /// <summary>A key came into the cache.</summary>
    void Added(CacheEntry<TKey, TStored> entry);

    /// <summary>A key left the cache.</summary>
    void Removed(CacheEntry<TKey, TStored> entry);

    /// <summary>Writes a change to the store and tells who listens; the task's context is the change's own meanwhile.</summary>
    void Write(in CachedChange<TKey, TStored> change);
}
