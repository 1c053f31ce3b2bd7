namespace Streams.State;

/// <summary>The versions of a store in memory as they were.</summary>
/// <param name="keys">Each key's versions.</param>
/// <param name="earliestKept">Where the history begins.</param>
internal readonly struct VersionedSnapshot<TKey, TValue>(CowMap<TKey, VersionList<TValue>> keys, long earliestKept)
    : IReadOnlyVersionedKeyValueStore<TKey, TValue>
{
    public VersionedRecord<TValue>? Get(TKey key) =>
        keys.TryGetValue(key, out var versions) && versions.Count > 0 ? Record(versions, versions.Count - 1, tellsEnd: false) : null;

    public VersionedRecord<TValue>? Get(TKey key, long asOf)
    {
        if (!keys.TryGetValue(key, out var versions))
            return null;

        var at = versions.At(asOf);
        return at < 0 || (asOf < earliestKept && at < versions.Count - 1) ? null : Record(versions, at, tellsEnd: false);
    }

    public IEnumerable<VersionedRecord<TValue>> GetVersions(TKey key, long from, long to, bool ascending = false)
    {
        var found = new List<VersionedRecord<TValue>>();
        if (!keys.TryGetValue(key, out var versions))
            return found;

        for (var i = Math.Max(0, versions.At(from)); i < versions.Count && versions[i].From <= to; i++)
        {
            if ((to >= earliestKept || i == versions.Count - 1) && Record(versions, i, tellsEnd: true) is { } record)
                found.Add(record);
        }

        if (!ascending)
            found.Reverse();
        return found;
    }

    private static VersionedRecord<TValue>? Record(VersionList<TValue> versions, int i, bool tellsEnd)
    {
        ref readonly var version = ref versions[i];
        return version.HasValue ? new(version.Value, version.From, tellsEnd ? versions.ValidTo(i) : null) : null;
    }
}
