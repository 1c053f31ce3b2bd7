namespace Streams.State;

/// <summary>The entries of a cache of windows or sessions by key alone: a record asks for those of its own key.</summary>
internal sealed class KeyIndex<TKey, TStored>(IEqualityComparer<TKey>? equality)
{
    private readonly Dictionary<TKey, List<CacheEntry<Windowed<TKey>, TStored>>> _keys = new(equality);

    public void Add(CacheEntry<Windowed<TKey>, TStored> entry)
    {
        if (!_keys.TryGetValue(entry.Key.Key, out var entries))
            _keys.Add(entry.Key.Key, entries = new(1));
        entries.Add(entry);
    }

    public void Remove(CacheEntry<Windowed<TKey>, TStored> entry)
    {
        if (_keys.TryGetValue(entry.Key.Key, out var entries) && entries.Remove(entry) && entries.Count == 0)
            _keys.Remove(entry.Key.Key);
    }

    public List<CacheEntry<Windowed<TKey>, TStored>>? Of(TKey key) => _keys.GetValueOrDefault(key);

    /// <summary>The entries of a key in a cache without an index, as snapshots are.</summary>
    public static List<CacheEntry<Windowed<TKey>, TStored>> Of(
        TKey key, CowMap<Windowed<TKey>, CacheEntry<Windowed<TKey>, TStored>> cache, IEqualityComparer<TKey>? equality)
    {
        equality ??= EqualityComparer<TKey>.Default;
        var entries = new List<CacheEntry<Windowed<TKey>, TStored>>();
        foreach (var (windowed, entry) in cache)
        {
            if (equality.Equals(windowed.Key, key))
                entries.Add(entry);
        }

        return entries;
    }

    public void Clear() => _keys.Clear();
}

/// <summary>When two windowed keys are the same, by the equality of their keys.</summary>
internal sealed class WindowedEquality<TKey>(IEqualityComparer<TKey> keys) : IEqualityComparer<Windowed<TKey>>
{
    /// <summary>Null where the type's own equality will do.</summary>
    public static WindowedEquality<TKey>? For(ISerde<TKey> serde) => KeyEquality.For(serde) is { } keys ? new(keys) : null;

    public bool Equals(Windowed<TKey> x, Windowed<TKey> y) => x.Window == y.Window && keys.Equals(x.Key, y.Key);

    public int GetHashCode(Windowed<TKey> obj) => HashCode.Combine(obj.Window, obj.Key is null ? 0 : keys.GetHashCode(obj.Key));
}
