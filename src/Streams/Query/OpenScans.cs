using Streams.Runtime;
using Streams.State;

namespace Streams.Query;

/// <summary>The scans of one task's stores that are under way. They end with the task.</summary>
internal sealed class OpenScans
{
    /// <summary>
    /// How many scans of one store may be under way. Each keeps what it began with: in memory up to a copy of the rows changed since, on disk the rows
    /// that were written over since.
    /// </summary>
    public const int PerStoreMax = 64;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _open = [];
    private volatile bool _haveEnded;

    /// <summary>Whether the task was closed: its scans cannot go on.</summary>
    public bool HaveEnded => _haveEnded;

    public void End() => _haveEnded = true;

    /// <summary>Begins a scan of the store as it is now, between two records.</summary>
    /// <exception cref="StoreNotReadyException">The store is being restored or on the move.</exception>
    /// <exception cref="InvalidOperationException">Too many scans are under way.</exception>
    public StoreScan Begin(IStoreOwner task, IStateStore store)
    {
        Count(task, store.Name);
        try
        {
            return new(this, task, store.Name, Snapshot(task, store));
        }
        catch
        {
            Ended(store.Name);
            throw;
        }
    }

    /// <summary>How many scans of a store are under way.</summary>
    public int Open(string store)
    {
        lock (_lock)
            return _open.GetValueOrDefault(store);
    }

    public void Ended(string store)
    {
        lock (_lock)
            _open[store]--;
    }

    private static object Snapshot(IStoreOwner task, IStateStore store)
    {
        // A store of the user's own looks after itself.
        if (store is not ISnapshots snapshots)
            return store;

        while (true)
        {
            LocalStores.ThrowIfNotReady(task, store.Name);
            using var _ = task.Gate.EnterToRead();
            LocalStores.ThrowIfNotReady(task, store.Name);
            if (snapshots.GetReady())
                return snapshots.Snapshot(task.Gate);
        }
    }

    private void Count(IStoreOwner task, string store)
    {
        lock (_lock)
        {
            var open = _open.GetValueOrDefault(store);
            if (open == PerStoreMax)
            {
                throw new InvalidOperationException(
                    $"{PerStoreMax} scans of store '{store}' of task {task.Id} are under way, which is the most: read each to its end or dispose its enumerator, as foreach does.");
            }

            _open[store] = open + 1;
        }
    }
}

/// <summary>A store as it was, for one reader.</summary>
internal sealed class StoreScan(OpenScans scans, IStoreOwner task, string name, object snapshot) : IDisposable
{
    // Of a store of the user's own there is none.
    private readonly bool _isSnapshot = snapshot is ISnapshots or not IStateStore;
    private bool _disposed;

    /// <summary>The rows that <paramref name="look"/> finds, one by one.</summary>
    /// <exception cref="StoreNotReadyException">The task was closed or moved away.</exception>
    public IEnumerable<T> Rows<TStore, T>(Func<TStore, IEnumerable<T>> look)
    {
        using var rows = Guard(() => (_isSnapshot ? look((TStore)snapshot) : Copy(look)).GetEnumerator());
        while (Guard(rows.MoveNext))
            yield return rows.Current;
    }

    public void Dispose()
    {
        if (_disposed)
            return;

        _disposed = true;
        scans.Ended(name);
        if (_isSnapshot)
            (snapshot as IDisposable)?.Dispose();
    }

    // What a user's own store lists may be the store itself: read while its writer waits.
    private List<T> Copy<TStore, T>(Func<TStore, IEnumerable<T>> look)
    {
        using var _ = task.Gate.EnterToRead();
        return [.. look((TStore)snapshot)];
    }

    private T Guard<T>(Func<T> read)
    {
        if (scans.HaveEnded)
            throw Gone(null);

        try
        {
            return read();
        }
        catch (StreamsException error) when (scans.HaveEnded)
        {
            throw Gone(error);
        }
    }

    private StoreNotReadyException Gone(Exception? error) =>
        new($"Task {task.Id} was closed or moved while store '{name}' was read. Ask again: what was read so far is not all.", error);
}
