using System.Globalization;
using System.Text;
using Kafka;
using Streams.RocksDb.Database;
using Streams.RocksDb.Rows;
using Streams.State;

namespace Streams.RocksDb.Stores;

/// <summary>A task's persistent stores: their rows in memory until a commit, and one database that takes all of them in one write.</summary>
/// <remarks>
/// A commit marks what was written as lasting and, where enough has gathered or time has passed, writes it. Between the two it is as safe as in a memtable:
/// both are memory, and a crash leaves the state of an earlier commit with that commit's offsets.
/// </remarks>
internal sealed class RocksTaskStorage : TaskStorage
{
    // To add up what all stores hold is for now and then.
    private const uint RowsBetweenLooks = 0xFF;

    private readonly RocksDbBudget _budget;
    private readonly RocksDatabase _database;
    private readonly WriteBatch _batch = new();
    private readonly List<RocksStore> _stores = [];

    // How far the stores hold their changelogs, those that were never noted left out; and whose each changelog is.
    private readonly Dictionary<TopicPartition, long> _offsets = [];
    private readonly Dictionary<TopicPartition, RocksStore> _owners = [];
    private readonly TimeProvider _time;
    private long _writtenAt;
    private uint _rowsWritten;
    private bool _disposed;

    public RocksTaskStorage(StateFolder folder, IReadOnlyCollection<string> stores, RocksDbBudget budget)
    {
        _budget = budget;
        _time = TimeProvider.System;
        _database = RocksDatabase.Open(folder.Path, [.. stores.Select(Family)], budget, _time);
        _database.DamageFound = folder.NoteDamage;
        _writtenAt = _time.GetTimestamp();
        budget.TaskOpened();
    }

    /// <summary>Counts a row that was written, and tells whether so much waits by now that a commit should come soon.</summary>
    public bool CountAndAskIfFull() => (++_rowsWritten & RowsBetweenLooks) == 0 && IsFull;

    private bool IsFull
    {
        get
        {
            long waiting = 0;
            foreach (var store in _stores)
                waiting += store.WaitingBytes;
            return waiting > _budget.WaitingBytesPerTask;
        }
    }

    /// <summary>
    /// Makes room for a store's rows. A store whose rows lie in another layout than it wants now starts anew, from its changelog; so does one that has
    /// a changelog but no offset in it: a row whose deletion has been compacted away would stay for ever.
    /// </summary>
    public StoreRows Open(RocksStore store, string layout, TopicPartition? changelog)
    {
        var family = Family(store.Name);
        var found = _database.Offsets.Note(LayoutNote(store.Name));
        var otherLayout = found is not null && Encoding.UTF8.GetString(found) != layout;
        var reached = changelog is { } log ? _database.Offsets[log.Topic, log.Partition] : null;
        if (otherLayout || (changelog is not null && reached is null))
        {
            _database.DropFamily(family);
            ForgetNotes(store.Name, changelog);
            reached = null;
        }

        _database.Offsets.WriteNote(_batch, LayoutNote(store.Name), Encoding.UTF8.GetBytes(layout));
        _database.Commit(_batch);
        _stores.Add(store);
        if (changelog is { } past)
        {
            _owners.Add(past, store);
            if (reached is { } next)
                _offsets.Add(past, next);
        }

        return new StoreRows(_database, _database.CreateFamily(family));
    }

    /// <summary>What the store noted with its last rows; null where nothing.</summary>
    public byte[]? ReadNote(string store) => _database.Offsets.Note(StateNote(store));

    public override long? RestoreFrom(TopicPartition changelog) =>
        _offsets.TryGetValue(changelog, out var next) ? next : null;

    public override void Restored(TopicPartition changelog, long next)
    {
        // What was restored is committed by its nature. Were its rows left to the task's next commit, a task that closes before it would drop them and
        // still write this place: the store would say that it holds what it does not.
        _owners[changelog].Commit();
        _offsets[changelog] = next;
    }

    public override void StartAnew(TopicPartition changelog)
    {
        var store = _owners[changelog];
        _database.DropFamily(Family(store.Name));
        ForgetNotes(store.Name, changelog);
        _database.Commit(_batch);
        _offsets.Remove(changelog);
        store.StartAnew(new StoreRows(_database, _database.CreateFamily(Family(store.Name))));
    }

    public override void Commit(IReadOnlyDictionary<TopicPartition, long> offsets)
    {
        foreach (var (changelog, next) in offsets)
        {
            // Of stores elsewhere nothing is noted here; and what another owner wrote in between was restored past where this one had been.
            if (_owners.ContainsKey(changelog) && next > _offsets.GetValueOrDefault(changelog, -1))
                _offsets[changelog] = next;
        }

        foreach (var store in _stores)
            store.Commit();
        if (_budget.Options.WritesEachCommit || IsFull || _time.GetElapsedTime(_writtenAt) >= _budget.Options.FlushInterval)
            Write();
        _database.FlushWhenDue();
    }

    public override void Abort()
    {
        foreach (var store in _stores)
            store.Abort();
    }

    /// <summary>
    /// Writes rows that were restored, which are committed by their nature, with the offset up to which the restorer said that they reach: rows may be ahead
    /// of it, for restoring twice does no harm.
    /// </summary>
    public void WriteRestored()
    {
        foreach (var store in _stores)
            store.Commit();
        Write();
    }

    public override void Dispose()
    {
        if (_disposed)
            return;

        _disposed = true;
        try
        {
            // What no commit made lasting goes; what one did is written.
            Abort();
            Write();
        }
        finally
        {
            _batch.Dispose();
            _database.Dispose();
            _budget.TaskClosed();
        }
    }

    private void Write()
    {
        foreach (var store in _stores)
        {
            store.Write(_batch);
            if (!store.Note.IsEmpty)
                _database.Offsets.WriteNote(_batch, StateNote(store.Name), store.Note);
        }

        foreach (var (changelog, next) in _offsets)
            _database.Offsets.Write(_batch, changelog.Topic, changelog.Partition, next);
        _database.Commit(_batch);
        foreach (var store in _stores)
            store.Written();
        _writtenAt = _time.GetTimestamp();
    }

    private void ForgetNotes(string store, TopicPartition? changelog)
    {
        if (changelog is { } lost)
            _database.Offsets.Delete(_batch, lost.Topic, lost.Partition);
        _database.Offsets.DeleteNote(_batch, StateNote(store));
    }

    // "offsets" and "default" are column families of their own.
    private static string Family(string store) => string.Create(CultureInfo.InvariantCulture, $"store-{store}");

    private static string LayoutNote(string store) => "layout:" + store;

    private static string StateNote(string store) => "state:" + store;
}
