using System.Diagnostics.CodeAnalysis;
using Streams.Processing;

namespace Streams.State;

/// <summary>
/// One store's part of its thread's cache. Typed values wait here; when the thread's budget is exceeded by a put, the entries of this store that
/// were used least lately go, and with the first dirty one all that is dirty is flushed: first it, then the others in the order of their last
/// change. Kafka Streams' <c>NamedCache</c> and <c>ThreadCache</c>, sizes included, so that outputs come in the same order.
/// </summary>
internal sealed class RecordCache<TKey, TStored>(
    TaskContext task, CacheBudget budget, ICacheOwner<TKey, TStored> owner, IEqualityComparer<TKey>? equality)
{
    // What Kafka Streams counts beside key, value, topic and headers: three references of the list, the dirty flag, offset, time, partition.
    private const int EntryBytes = (3 * 8) + 1 + 8 + 8 + 4;

    private CowMap<TKey, CacheEntry<TKey, TStored>> _entries = new(equality);
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private CacheEntry<TKey, TStored>? _newest;
    private CacheEntry<TKey, TStored>? _oldest;
    private CacheEntry<TKey, TStored>? _firstDirty;
    private CacheEntry<TKey, TStored>? _lastDirty;
    private List<CachedChange<TKey, TStored>>? _spare = [];
    private int _snapshots;

    /// <summary>All entries, to be read before the next change.</summary>
    public CowMap<TKey, CacheEntry<TKey, TStored>> Now => _entries;

    /// <summary>Whether the task's own thread asks: queries from others must not change what is evicted when.</summary>
    public bool IsOwnThread => Environment.CurrentManagedThreadId == _thread;

    /// <summary>All entries with their changes as they are now, for as long as anyone wants.</summary>
    public CowMap<TKey, CacheEntry<TKey, TStored>> Snapshot()
    {
        var snapshot = _entries;
        _entries = _entries.Fork();
        _snapshots++;
        return snapshot;
    }

    public bool TryGet(TKey key, [NotNullWhen(true)] out CacheEntry<TKey, TStored>? entry)
    {
        if (!_entries.TryGetValue(key, out entry))
            return false;

        if (entry != _newest && IsOwnThread)
        {
            Unlink(entry);
            LinkNewest(entry);
        }

        return true;
    }

    /// <summary>Keeps a change until it is flushed.</summary>
    public void Put(TKey key, TStored value, bool hasValue) => Set(
        key,
        new(key, value, hasValue, task.Topic, task.Partition, task.Offset, task.Timestamp, task.Headers),
        dirty: true);

    /// <summary>Keeps a value that the store has, for the next read.</summary>
    public void Remember(TKey key, TStored value) => Set(key, new(key, value, true, null, -1, -1, -1, null), dirty: false);

    public void Flush() => Flush(null);

    /// <summary>Forgets everything, unwritten changes included.</summary>
    public void Clear()
    {
        foreach (var (_, entry) in _entries)
            budget.Take(-entry.Bytes);
        _entries = new(equality);
        _newest = _oldest = _firstDirty = _lastDirty = null;
    }

    private void Set(TKey key, in CachedChange<TKey, TStored> change, bool dirty)
    {
        if (_entries.TryGetValue(key, out var entry))
        {
            budget.Take(-entry.Bytes);
            Unlink(entry);
            if (entry.MadeIn != _snapshots)
                entry = Replace(entry);
        }
        else
        {
            entry = new(key, owner.SizeOfKey(key), _snapshots);
            _entries.Set(key, entry);
            owner.Added(entry);
        }

        LinkNewest(entry);
        entry.Change = change;
        var value = change.Value;
        entry.Bytes = entry.KeyBytes + EntryBytes + (change.HasValue ? owner.SizeOfValue(in value) : 0)
            + (change.Topic?.Length ?? 0) + SizeOf(change.Headers);
        budget.Take(entry.Bytes);
        if (dirty)
        {
            UnlinkDirty(entry);
            LinkDirty(entry);
        }

        // A flush may put into this very cache again: what is left to evict is looked up anew each time.
        while (budget.IsExceeded && _oldest is { } oldest)
            Evict(oldest);
    }

    /// <summary>A new entry for one that a snapshot has, whose change stays as it is.</summary>
    private CacheEntry<TKey, TStored> Replace(CacheEntry<TKey, TStored> kept)
    {
        UnlinkDirty(kept);
        owner.Removed(kept);
        var entry = new CacheEntry<TKey, TStored>(kept.Key, kept.KeyBytes, _snapshots);
        _entries.Set(kept.Key, entry);
        owner.Added(entry);
        return entry;
    }

    private void Evict(CacheEntry<TKey, TStored> entry)
    {
        Forget(entry);
        if (entry.IsDirty)
            Flush(entry);
    }

    private void Flush(CacheEntry<TKey, TStored>? evicted)
    {
        if (_firstDirty is null)
            return;

        // Taken out before anyone is told: listeners may put into this cache, or make it flush.
        var changes = Interlocked.Exchange(ref _spare, null) ?? [];
        if (evicted is not null)
        {
            changes.Add(evicted.Change);
            UnlinkDirty(evicted);
        }

        while (_firstDirty is { } entry)
        {
            changes.Add(entry.Change);
            UnlinkDirty(entry);
        }

        var (topic, partition, offset, timestamp, headers) = (task.Topic, task.Partition, task.Offset, task.Timestamp, task.Headers);
        try
        {
            foreach (ref readonly var change in System.Runtime.InteropServices.CollectionsMarshal.AsSpan(changes))
            {
                (task.Topic, task.Partition, task.Offset, task.Timestamp, task.Headers) =
                    (change.Topic, change.Partition, change.Offset, change.Timestamp, change.Headers);
                owner.Write(in change);

                // A commit may flush for long. Queries see the same before and after: what is written here stays in the cache.
                if (evicted is null)
                    task.Gate?.LetReadersIn();
            }
        }
        finally
        {
            (task.Topic, task.Partition, task.Offset, task.Timestamp, task.Headers) = (topic, partition, offset, timestamp, headers);
        }

        // Deletions are done with once they are written, unless the key was changed again meanwhile.
        foreach (ref readonly var change in System.Runtime.InteropServices.CollectionsMarshal.AsSpan(changes))
        {
            if (!change.HasValue && _entries.TryGetValue(change.Key, out var entry) && !entry.IsDirty && !entry.Change.HasValue)
                Forget(entry);
        }

        changes.Clear();
        _spare = changes;
    }

    private void Forget(CacheEntry<TKey, TStored> entry)
    {
        _entries.Remove(entry.Key);
        Unlink(entry);
        budget.Take(-entry.Bytes);
        owner.Removed(entry);
    }

    private static int SizeOf(Headers? headers)
    {
        if (headers is null)
            return 0;

        var size = 0;
        foreach (var (name, value) in headers)
            size += name.Length + (value?.Length ?? 0);
        return size;
    }

    private void LinkNewest(CacheEntry<TKey, TStored> entry)
    {
        (entry.Older, entry.Newer) = (_newest, null);
        if (_newest is not null)
            _newest.Newer = entry;
        _newest = entry;
        _oldest ??= entry;
    }

    private void Unlink(CacheEntry<TKey, TStored> entry)
    {
        if (entry.Newer is null)
            _newest = entry.Older;
        else
            entry.Newer.Older = entry.Older;
        if (entry.Older is null)
            _oldest = entry.Newer;
        else
            entry.Older.Newer = entry.Newer;
        (entry.Older, entry.Newer) = (null, null);
    }

    private void LinkDirty(CacheEntry<TKey, TStored> entry)
    {
        entry.IsDirty = true;
        entry.PreviousDirty = _lastDirty;
        if (_lastDirty is null)
            _firstDirty = entry;
        else
            _lastDirty.NextDirty = entry;
        _lastDirty = entry;
    }

    private void UnlinkDirty(CacheEntry<TKey, TStored> entry)
    {
        if (!entry.IsDirty)
            return;

        entry.IsDirty = false;
        if (entry.PreviousDirty is null)
            _firstDirty = entry.NextDirty;
        else
            entry.PreviousDirty.NextDirty = entry.NextDirty;
        if (entry.NextDirty is null)
            _lastDirty = entry.PreviousDirty;
        else
            entry.NextDirty.PreviousDirty = entry.PreviousDirty;
        (entry.NextDirty, entry.PreviousDirty) = (null, null);
    }
}
