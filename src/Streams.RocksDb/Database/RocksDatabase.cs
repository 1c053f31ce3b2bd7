using System.Runtime.InteropServices;
using Streams.RocksDb.Native;

namespace Streams.RocksDb.Database;

/// <summary>All persistent state of one task: a RocksDB database with a column family for each store, and one for offsets and position.</summary>
/// <remarks>
/// One thread writes; any number read beside it. A commit is one batch: the rows of all stores with the offsets that they stand for. There is no
/// write-ahead log, since the changelogs are one; memtables go to disk all together (<c>atomic_flush</c>). So after a crash the folder holds the
/// state as of some commit, with the offsets of that commit, and the rest is restored from there (docs/adr/0040).
/// </remarks>
internal sealed unsafe class RocksDatabase : IDisposable
{
    private readonly DatabaseHandle _handle;
    private readonly Dictionary<string, ColumnFamily> _families;
    private readonly List<ColumnFamily> _dropped = [];
    private readonly RocksDbBudget _budget;
    private readonly FlushSchedule _flushes;
    private readonly CloseGate _gate;
    private readonly ReadOptionsHandle _reads = new();
    private readonly WriteOptionsHandle _writes = new();
    private readonly Lock _writer = new();
    private readonly Lock _openReadsLock = new();
    private readonly HashSet<IDisposable> _openReads = new(ReferenceEqualityComparer.Instance);
    private Task _flush = Task.CompletedTask;

    private RocksDatabase(string path, DatabaseHandle handle, List<ColumnFamily> families, RocksDbBudget budget, TimeProvider time)
    {
        Path = path;
        _handle = handle;
        _families = families.ToDictionary(family => family.Name, StringComparer.Ordinal);
        _budget = budget;
        _gate = new CloseGate(path);
        _flushes = new FlushSchedule(budget.Options.FlushInterval, budget.Options.FlushWrites, time);
        Offsets = new StoreOffsets(this, _families[StoreOffsets.FamilyName]);
    }

    public string Path { get; }

    /// <summary>Where the state stands: changelog offsets and position, written with the rows.</summary>
    public StoreOffsets Offsets { get; }

    public bool IsClosed => _gate.IsClosed;

    /// <summary>Told of damage before it is thrown, so that whoever opens the folder next knows of it.</summary>
    public Action<StoreCorruptedException>? DamageFound { get; set; }

    /// <summary>Column families that exist.</summary>
    public IReadOnlyCollection<string> FamilyNames => _families.Keys;

    /// <summary>Opens the task's folder, or makes it.</summary>
    /// <exception cref="StoreLockedException">It is open elsewhere, and stayed so.</exception>
    /// <exception cref="StoreCorruptedException">A file is damaged or missing: delete the folder and restore.</exception>
    public static RocksDatabase Open(string path, IReadOnlyCollection<string> stores, RocksDbBudget budget, TimeProvider time)
    {
        path = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
        var handle = DatabaseFolder.Open(path, [.. stores, StoreOffsets.FamilyName], budget, budget.Options.LockWait, out var families);
        return new RocksDatabase(path, handle, families, budget, time);
    }

    public ColumnFamily Family(string store) => _families[store];

    /// <summary>The store's column family, new where there is none.</summary>
    public ColumnFamily CreateFamily(string store)
    {
        _gate.Enter();
        try
        {
            lock (_writer)
            {
                if (_families.TryGetValue(store, out var existing))
                    return existing;

                using var options = _budget.CreateOptions(_families.Count + 1);
                nint family;
                byte* error = null;
                fixed (byte* name = DatabaseFolder.Terminated(store))
                    family = DatabaseCalls.CreateFamily(_handle.Raw, options.Raw, name, &error);
                ThrowIfSet(error, $"adding the store '{store}' to");
                return _families[store] = new ColumnFamily(store, new ColumnFamilyHandle(_handle, family));
            }
        }
        finally
        {
            _gate.Leave();
        }
    }

    /// <summary>Removes a store and all its rows at once. Iterators on it stay good until they are closed.</summary>
    public void DropFamily(string store)
    {
        _gate.Enter();
        try
        {
            lock (_writer)
            {
                if (!_families.Remove(store, out var family))
                    return;

                byte* error = null;
                DatabaseCalls.DropFamily(_handle.Raw, family.Handle.Raw, &error);
                ThrowIfSet(error, $"removing the store '{store}' from");
                // The handle stays until the database closes: a reader may hold the family.
                family.MarkDropped();
                _dropped.Add(family);
            }
        }
        finally
        {
            _gate.Leave();
        }
    }

    /// <summary>Writes everything in <paramref name="batch"/> at once, empties it, and flushes in the background when that is due.</summary>
    /// <exception cref="InvalidOperationException">It writes to a store that has been dropped since.</exception>
    public void Commit(WriteBatch batch)
    {
        if (batch.Count == 0)
            return;

        _gate.Enter();
        try
        {
            lock (_writer)
            {
                foreach (var family in batch.Families)
                    _ = family.RawToWrite;

                byte* error = null;
                DatabaseCalls.Write(_handle.Raw, _writes.Raw, batch.Raw, &error);
                ThrowIfSet(error, "writing to");
            }
        }
        finally
        {
            _gate.Leave();
        }

        var due = _flushes.CountAndAsk(batch.Count);
        batch.Clear();
        if (due)
            FlushInBackground();
    }

    /// <summary>Flushes in the background where the schedule says so; for stores that have gone quiet.</summary>
    public void FlushWhenDue()
    {
        if (_flushes.IsDue)
            FlushInBackground();
    }

    /// <summary>Writes all commits so far to disk, and returns when they are there.</summary>
    public void Flush()
    {
        _flush.GetAwaiter().GetResult();
        _flushes.Begin();
        FlushAll();
    }

    /// <summary>The value of <paramref name="key"/>, now or as of <paramref name="snapshot"/>. Dispose it soon: the database waits for it to close.</summary>
    /// <exception cref="StoreClosedException">The database has been closed.</exception>
    public RocksValue Get(ColumnFamily family, ReadOnlySpan<byte> key, RocksSnapshot? snapshot = null)
    {
        _gate.Enter();
        try
        {
            byte* error = null;
            nint slice;
            fixed (byte* k = key)
            {
                if (snapshot is null)
                {
                    slice = DatabaseCalls.GetPinned(_handle.Raw, _reads.Raw, family.Handle.Raw, k, (nuint)key.Length, &error);
                }
                else
                {
                    using var reads = new ReadOptionsHandle();
                    IteratorCalls.SetSnapshot(reads.Raw, snapshot.Raw);
                    slice = DatabaseCalls.GetPinned(_handle.Raw, reads.Raw, family.Handle.Raw, k, (nuint)key.Length, &error);
                }
            }

            ThrowIfSet(error, "reading");
            return new RocksValue(_gate, slice);
        }
        catch
        {
            _gate.Leave();
            throw;
        }
    }

    /// <summary>
    /// The rows from <paramref name="from"/> on and below <paramref name="to"/>, in byte order or against it. An empty bound leaves that end open.
    /// The iterator sees the database as of now, or of <paramref name="snapshot"/>.
    /// </summary>
    public RocksIterator Iterate(
        ColumnFamily family, ReadOnlySpan<byte> from = default, ReadOnlySpan<byte> to = default, bool forward = true, RocksSnapshot? snapshot = null)
    {
        _gate.Enter();
        try
        {
            var asOf = snapshot?.Raw ?? 0;
            var bounds = (byte*)NativeMemory.Alloc((nuint)(from.Length + to.Length + 1));
            from.CopyTo(new Span<byte>(bounds, from.Length));
            to.CopyTo(new Span<byte>(bounds + from.Length, to.Length));
            var reads = IteratorCalls.CreateReadOptions();
            if (!from.IsEmpty)
                IteratorCalls.SetLowerBound(reads, bounds, (nuint)from.Length);
            if (!to.IsEmpty)
                IteratorCalls.SetUpperBound(reads, bounds + from.Length, (nuint)to.Length);
            if (asOf != 0)
                IteratorCalls.SetSnapshot(reads, asOf);

            var native = IteratorCalls.Create(_handle.Raw, reads, family.Handle.Raw);
            var iterator = new RocksIterator(this, new IteratorHandle(_handle, native, reads, (nint)bounds, from.Length + to.Length), forward);
            Remember(iterator);
            return iterator;
        }
        finally
        {
            _gate.Leave();
        }
    }

    /// <summary>The database as of now.</summary>
    public RocksSnapshot TakeSnapshot()
    {
        _gate.Enter();
        try
        {
            var snapshot = new RocksSnapshot(this, new SnapshotHandle(_handle, DatabaseCalls.CreateSnapshot(_handle.Raw)));
            Remember(snapshot);
            return snapshot;
        }
        finally
        {
            _gate.Leave();
        }
    }

    /// <summary>Removes whole files whose rows all lie from <paramref name="from"/> to <paramref name="to"/>; rows in other files stay.</summary>
    public void DeleteFiles(ColumnFamily family, ReadOnlySpan<byte> from, ReadOnlySpan<byte> to)
    {
        _gate.Enter();
        try
        {
            byte* error = null;
            fixed (byte* f = from, t = to)
                DatabaseCalls.DeleteFilesInRange(_handle.Raw, family.RawToWrite, f, (nuint)from.Length, t, (nuint)to.Length, &error);
            ThrowIfSet(error, "removing old files of");
        }
        finally
        {
            _gate.Leave();
        }
    }

    /// <summary>One of RocksDB's figures, such as <c>rocksdb.estimate-num-keys</c>; null where this version does not know it.</summary>
    public long? Figure(ColumnFamily family, string name)
    {
        _gate.Enter();
        try
        {
            ulong value;
            fixed (byte* text = DatabaseFolder.Terminated(name))
                return DatabaseCalls.IntegerProperty(_handle.Raw, family.Handle.Raw, text, &value) == 0 ? (long)value : null;
        }
        finally
        {
            _gate.Leave();
        }
    }

    /// <summary>
    /// Flushes and closes: waits for reads under way, ends iterators and snapshots that are still open, then lets go of the folder. Any later use
    /// throws <see cref="StoreClosedException"/>.
    /// </summary>
    public void Dispose()
    {
        if (!_gate.Close())
            return;

        // RocksDB's order: iterators, snapshots, column families, database. Anything else ends the process.
        IDisposable[] open;
        lock (_openReadsLock)
            open = [.. _openReads];
        foreach (var iterator in open.OfType<RocksIterator>())
            iterator.Close();
        foreach (var snapshot in open.OfType<RocksSnapshot>())
            snapshot.Dispose();
        foreach (var family in _families.Values.Concat(_dropped))
            family.Handle.Dispose();
        _handle.Dispose();
        _reads.Dispose();
        _writes.Dispose();
    }

    internal void Forget(IDisposable read)
    {
        lock (_openReadsLock)
            _openReads.Remove(read);
    }

    internal void ThrowIfSet(byte* error, string doing)
    {
        if (error == null)
            return;

        var thrown = RocksError.ToException(RocksError.Take(error), Path, doing);
        if (thrown is StoreCorruptedException damage)
            DamageFound?.Invoke(damage);
        throw thrown;
    }

    private void Remember(IDisposable read)
    {
        lock (_openReadsLock)
            _openReads.Add(read);
    }

    private void FlushInBackground()
    {
        // One at a time: while one runs, what is written meanwhile counts towards the next.
        if (!_flush.IsCompleted)
            return;

        _flush.GetAwaiter().GetResult();
        _flushes.Begin();
        _flush = Task.Run(FlushUnlessClosed);
    }

    private void FlushUnlessClosed()
    {
        try
        {
            FlushAll();
        }
        catch (StoreClosedException)
        {
            // Closing flushes, too.
        }
    }

    private void FlushAll()
    {
        _gate.Enter();
        try
        {
            if (LaterFunctions.CanFlushFamilies)
                FlushFamilies();
            else
                // Before 8.1 the C API can flush only one family, even under atomic_flush; but before it compacts one, RocksDB flushes them all.
                DatabaseCalls.CompactRange(_handle.Raw, Offsets.Family.Handle.Raw, null, 0, null, 0);
        }
        finally
        {
            _gate.Leave();
        }
    }

    private void FlushFamilies()
    {
        nint[] families;
        lock (_writer)
            families = [.. _families.Values.Select(family => family.Handle.Raw)];

        var options = DatabaseCalls.CreateFlushOptions();
        byte* error = null;
        fixed (nint* pointers = families)
            LaterFunctions.FlushFamilies(_handle.Raw, options, pointers, families.Length, &error);
        DatabaseCalls.DestroyFlushOptions(options);
        ThrowIfSet(error, "flushing");
    }
}
