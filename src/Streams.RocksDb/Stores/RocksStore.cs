using Streams.RocksDb.Database;
using Streams.RocksDb.Rows;
using Streams.Runtime;
using Streams.State;

namespace Streams.RocksDb.Stores;

/// <summary>What every kind of persistent store does the same way: open, log, restore, take part in the task's commits.</summary>
internal abstract class RocksStore(string name) : IStateStore, IRestorable, ICountable, IMeasurable, ISnapshots, IDisposable
{
    private StoreRows? _rows;
    private RocksTaskStorage? _storage;
    private StateStoreContext? _context;
    private StoreTimer? _timer;
    private readonly RecordBuffer _buffer = new();
    private byte[] _note = [];

    public string Name => name;

    public virtual long EntryCount => Rows.Count;

    public long? ByteCount => Rows.Bytes;

    internal long WaitingBytes => Rows.Buffer.Bytes;

    /// <summary>What the store wants to know again when it opens, as of the last commit: written with its rows. Empty for nothing.</summary>
    internal ReadOnlySpan<byte> Note => _note;

    /// <summary>The bytes of the store's note; 0 for none.</summary>
    protected virtual int NoteBytes => 0;

    protected StoreRows Rows => _rows ?? throw new InvalidOperationException($"The store '{name}' has not been opened.");

    protected StateStoreContext Context => _context!;

    protected Changelog? Changelog { get; private set; }

    /// <summary>Where keys and values are written once, for the row and for the changelog.</summary>
    protected RecordBuffer Buffer => _buffer;

    /// <summary>Whether this is the store as it was, for a reader: lists are then read as they are asked for, and not at once.</summary>
    protected bool IsSnapshot { get; private set; }

    /// <summary>Measures, now and then, how long an operation takes. Of a snapshot none: its readers are others than the store's thread.</summary>
    protected StoreTiming Timed(StoreOperation operation) => _timer is { } timer ? timer.Begin(operation) : default;

    /// <summary>How rows lie on disk. Rows of another layout are not read: the store is restored.</summary>
    protected abstract string Layout { get; }

    public void Init(StateStoreContext context)
    {
        _context = context;
        _storage = context.Storage as RocksTaskStorage
            ?? throw new InvalidOperationException($"The store '{name}' is on RocksDB, but was given no task storage of RocksDB.");
        Changelog = context.Changelog;
        _timer = new(name, context.Task.StoreTimes);
        _rows = _storage.Open(this, Layout, context.Past?.Partition);
        _note = new byte[NoteBytes];
        if (_storage.ReadNote(name) is { } note)
            Remember(note);
        WriteNote(_note);
    }

    public abstract void Restore(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool hasValue, long timestamp);

    public void Flush()
    {
        // The task's storage writes all its stores at once.
    }

    public void Close() => _rows?.Close();

    public bool GetReady() => Rows.Buffer.GetReady();

    /// <summary>A store of the same kind over the rows as they are now; the rest of what it goes by is in the note.</summary>
    public object Snapshot(StateGate gate)
    {
        var snapshot = OfSameKind();
        Span<byte> note = stackalloc byte[NoteBytes];
        WriteNote(note);
        if (NoteBytes > 0)
            snapshot.Remember(note);
        snapshot.IsSnapshot = true;
        snapshot._rows = Rows.Snapshot(gate);
        return snapshot;
    }

    void IDisposable.Dispose() => Close();

    internal virtual void Commit()
    {
        Rows.Buffer.Commit();
        WriteNote(_note);
    }

    internal void Abort() => Rows.Buffer.Abort();

    /// <summary>Goes on with no rows: all is to be restored.</summary>
    internal void StartAnew(StoreRows rows)
    {
        _rows?.Close();
        _rows = rows;
        Forget();
        WriteNote(_note);
    }

    internal virtual void Write(WriteBatch batch) => Rows.Write(batch);

    internal void Written() => Rows.Written();

    /// <summary>A store of this kind, not open yet.</summary>
    protected abstract RocksStore OfSameKind();

    /// <summary>The note of the last run.</summary>
    protected virtual void Remember(ReadOnlySpan<byte> note)
    {
    }

    /// <summary>Takes a note of what the store wants to know again. Called at each commit.</summary>
    protected virtual void WriteNote(Span<byte> note)
    {
    }

    /// <summary>Everything that was noted is void: the store has no rows.</summary>
    protected virtual void Forget()
    {
    }

    /// <summary>A row was written while processing: where too much waits, the task commits soon.</summary>
    protected void RowWritten()
    {
        if (_storage!.CountAndAskIfFull())
            _context!.Task.CommitRequested = true;
    }

    /// <summary>A row was restored: where too much waits, it is written now.</summary>
    protected void RowRestored()
    {
        if (_storage!.CountAndAskIfFull())
            _storage.WriteRestored();
    }
}
