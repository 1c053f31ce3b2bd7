using System.Diagnostics.CodeAnalysis;

namespace Streams.Tests.State;

/// <summary>Values by key, in a sorted dictionary: a cache in front of them, commits and restarts change nothing that can be read.</summary>
internal class KeyValueModel<TStored>(Func<TStored, bool> isAbsent) : StoreModel, IKeyValueStore<string, TStored>
{
    private readonly SortedDictionary<string, TStored> _rows = new(StringComparer.Ordinal);

    public virtual long Count => _rows.Count;

    protected virtual IEnumerable<KeyValue<string, TStored>> Rows => _rows.Select(row => KeyValue.Pair(row.Key, row.Value));

    public virtual bool TryGet(string key, [MaybeNullWhen(false)] out TStored value) => _rows.TryGetValue(key, out value);

    public void Put(string key, TStored value)
    {
        if (isAbsent(value))
            Remove(key);
        else
            Set(key, value);
    }

    public bool PutIfAbsent(string key, TStored value)
    {
        if (TryGet(key, out _))
            return false;

        Put(key, value);
        return true;
    }

    public virtual bool Delete(string key)
    {
        var existed = Rows.Any(row => row.Key == key);
        Remove(key);
        return existed;
    }

    public IEnumerable<KeyValue<string, TStored>> All() => Rows;

    public IEnumerable<KeyValue<string, TStored>> ReverseAll() => Rows.Reverse();

    public IEnumerable<KeyValue<string, TStored>> Range(string? from, string? to) => Rows.Where(row =>
        (from is null || string.CompareOrdinal(row.Key, from) >= 0) && (to is null || string.CompareOrdinal(row.Key, to) <= 0));

    public IEnumerable<KeyValue<string, TStored>> ReverseRange(string? from, string? to) => Range(from, to).Reverse();

    public IEnumerable<KeyValue<string, TStored>> PrefixScan<TPrefix>(TPrefix prefix, ISerde<TPrefix> prefixSerde) =>
        Rows.Where(row => row.Key.StartsWith($"{prefix}", StringComparison.Ordinal));

    protected virtual void Set(string key, TStored value) => _rows[key] = value;

    protected virtual void Remove(string key) => _rows.Remove(key);
}

/// <summary>
/// At most so many values by key: a new key pushes out the one that was read or put least lately. In front of it there may be a cache that keeps all that is
/// put or found, and hands on what was put at commits, in the order of the last puts.
/// </summary>
internal sealed class LruModel(int max, bool cached) : KeyValueModel<string>(value => value is null)
{
    // By use, the least lately used first; and when each was put.
    private readonly List<(string Key, string Value, int PutAt)> _entries = [];

    // By put, with what was read in front; null for a deletion.
    private readonly List<(string Key, string? Value, bool Written)> _cache = [];
    private int _puts;

    public override long Count => _entries.Count;

    protected override IEnumerable<KeyValue<string, string>> Rows => _entries
        .Where(entry => _cache.TrueForAll(c => c.Key != entry.Key))
        .Select(entry => KeyValue.Pair(entry.Key, entry.Value))
        .Concat(_cache.Where(c => c.Value is not null).Select(c => KeyValue.Pair(c.Key, c.Value!)))
        .OrderBy(row => row.Key, StringComparer.Ordinal);

    public override bool TryGet(string key, [MaybeNullWhen(false)] out string value)
    {
        if (_cache.Exists(c => c.Key == key))
        {
            value = _cache.Find(c => c.Key == key).Value!;
            return value is not null;
        }

        value = null;
        if (_entries.FindIndex(entry => entry.Key == key) is var at && at < 0)
            return false;

        var found = _entries[at];
        _entries.RemoveAt(at);
        _entries.Add(found);
        if (cached)
            _cache.Insert(0, (key, found.Value, Written: true));
        value = found.Value;
        return true;
    }

    // To say whether there was one, a cache looks it up, which counts as use.
    public override bool Delete(string key) => cached ? TryGet(key, out _) | base.Delete(key) : base.Delete(key);

    public override void Committed()
    {
        foreach (var (key, value, written) in _cache.ToList())
        {
            if (!written)
                Write(key, value);
        }

        _cache.RemoveAll(c => c.Value is null);
        for (var i = 0; i < _cache.Count; i++)
            _cache[i] = _cache[i] with { Written = true };
    }

    public override void Reopened() => Restored();

    // The changelog does not know what was read.
    public override void Restored()
    {
        _cache.Clear();
        _entries.Sort((x, y) => x.PutAt.CompareTo(y.PutAt));
    }

    protected override void Set(string key, string value) => Change(key, value);

    protected override void Remove(string key) => Change(key, null);

    private void Change(string key, string? value)
    {
        if (!cached)
        {
            Write(key, value);
            return;
        }

        _cache.RemoveAll(c => c.Key == key);
        _cache.Add((key, value, Written: false));
    }

    private void Write(string key, string? value)
    {
        _entries.RemoveAll(entry => entry.Key == key);
        if (value is null)
            return;

        _entries.Add((key, value, ++_puts));
        if (_entries.Count > max)
            _entries.RemoveAt(0);
    }
}
