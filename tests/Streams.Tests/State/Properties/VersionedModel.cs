namespace Streams.Tests.State;

/// <summary>Values by key and time (KIP-889): a list of all that was put in time, deletions among them.</summary>
internal sealed class VersionedModel(long historyMs) : StoreModel, IVersionedKeyValueStore<string, string>
{
    private readonly List<Version> _versions = [];
    private long _observed = -1;

    /// <summary>The earliest time as of which the store still has all answers.</summary>
    public long EarliestAnswer => _observed - historyMs;

    public long Put(string key, string value, long timestamp)
    {
        if (timestamp < EarliestAnswer)
            return VersionedStore.NotPut;

        _observed = Math.Max(_observed, timestamp);
        var (before, later) = (Of(key).LastOrDefault(v => v.From < timestamp), Of(key).FirstOrDefault(v => v.From > timestamp));
        var replaced = Of(key).FirstOrDefault(v => v.From == timestamp);
        if (replaced is not null)
            _versions.Remove(replaced);

        // The latest value, deleted as of its own time, leaves no trace where nothing was valid before it.
        if (value is not null || later is not null || replaced?.Value is null || before?.Value is not null)
            _versions.Add(new(key, timestamp, value));
        return later?.From ?? VersionedStore.ValidToUndefined;
    }

    public VersionedRecord<string>? Delete(string key, long timestamp)
    {
        var before = timestamp < EarliestAnswer ? null : Get(key, timestamp);
        Put(key, null!, timestamp);
        return before;
    }

    public VersionedRecord<string>? Get(string key) => Get(key, long.MaxValue);

    public VersionedRecord<string>? Get(string key, long asOf)
    {
        var version = Of(key).LastOrDefault(v => v.From <= asOf);
        var isHistory = version is not null && version != Of(key).Last();
        return version?.Value is not { } value || (isHistory && asOf < EarliestAnswer) ? null : new(value, version.From);
    }

    public IEnumerable<VersionedRecord<string>> GetVersions(string key, long from, long to, bool ascending = false)
    {
        var versions = Of(key).ToList();
        var found = versions
            .Select((v, i) => (v.Value, v.From, To: i + 1 < versions.Count ? versions[i + 1].From : (long?)null))
            .Where(v => v.Value is not null && v.From <= to && (v.To is null || (v.To > from && to >= EarliestAnswer)))
            .Select(v => new VersionedRecord<string>(v.Value!, v.From, v.To));
        return ascending ? found : found.Reverse();
    }

    private IEnumerable<Version> Of(string key) => _versions.Where(v => v.Key == key).OrderBy(v => v.From);

    private sealed record Version(string Key, long From, string? Value);
}
