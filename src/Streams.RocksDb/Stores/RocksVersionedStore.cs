using System.Buffers.Binary;
using Streams.RocksDb.Database;
using Streams.RocksDb.Rows;
using Streams.Processing;
using Streams.State;

namespace Streams.RocksDb.Stores;

/// <summary>Values by key and time on disk: a row for each version, deletions among them, each key's together and by time.</summary>
/// <remarks>
/// A row's key is the key's length (four bytes), the key, and the time from which the version is valid (eight bytes, all big-endian). With the length in front no
/// other key's rows lie among a key's own. A row's value is one byte that says whether there is a value, then the value. Versions that have ended before
/// the history begins are removed when their key changes.
/// </remarks>
internal sealed class RocksVersionedStore<TKey, TValue>(VersionedStoreSpec<TKey, TValue> spec) : RocksStore(spec.Name), IVersionedKeyValueStore<TKey, TValue>
{
    private const byte Deletion = 0;
    private const byte Value = 1;

    private readonly ISerde<TKey> _keySerde = spec.KeySerde;
    private readonly RecordBuffer _from = new();
    private readonly RecordBuffer _to = new();
    private readonly RecordBuffer _row = new();
    private long _observed = -1;

    protected override int NoteBytes => sizeof(long);

    protected override string Layout => "versioned/1";

    private long EarliestKept => _observed - spec.HistoryRetentionMs;

    public long Put(TKey key, TValue value, long timestamp)
    {
        using var timing = Timed(StoreOperation.Put);
        var hasValue = value is not null;
        WriteKey(key);
        _row.Clear();
        _row.GetSpan(1)[0] = hasValue ? Value : Deletion;
        _row.Advance(1);
        if (hasValue)
            spec.ValueSerde.Serialize(value, _row);

        var validTo = Apply(hasValue, timestamp);
        Log(hasValue, timestamp);
        RowWritten();
        return validTo;
    }

    public VersionedRecord<TValue>? Delete(TKey key, long timestamp)
    {
        var before = timestamp < EarliestKept ? null : Get(key, timestamp);
        Put(key, default!, timestamp);
        return before;
    }

    public VersionedRecord<TValue>? Get(TKey key)
    {
        using var timing = Timed(StoreOperation.Get);
        WriteKey(key);
        using var rows = Versions(0, long.MaxValue, forward: false);
        return rows.MoveNext() ? Record(rows, validTo: null) : null;
    }

    public VersionedRecord<TValue>? Get(TKey key, long asOf)
    {
        using var timing = Timed(StoreOperation.Get);
        WriteKey(key);
        var next = FirstAfter(asOf);
        if (asOf < EarliestKept && next is not null)
            return null;

        using var rows = Versions(0, asOf, forward: false);
        return rows.MoveNext() ? Record(rows, validTo: null) : null;
    }

    public IEnumerable<VersionedRecord<TValue>> GetVersions(TKey key, long from, long to, bool ascending = false)
    {
        var found = new List<VersionedRecord<TValue>>();
        if (to < 0)
            return found;

        // Latest first: each version ends where the one found before it begins.
        WriteKey(key);
        var next = FirstAfter(to);
        using var rows = Versions(0, to, forward: false);
        while (rows.MoveNext())
        {
            if ((to >= EarliestKept || next is null) && Record(rows, next) is { } record)
                found.Add(record);
            next = Time(rows.Key);
            if (next <= from)
                break;
        }

        if (ascending)
            found.Reverse();
        return found;
    }

    public override void Restore(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool hasValue, long timestamp)
    {
        // What had come too late was logged, too; it is no drop to count again.
        if (timestamp < EarliestKept)
            return;

        Buffer.Clear();
        BinaryPrimitives.WriteInt32BigEndian(Buffer.GetSpan(sizeof(int)), key.Length);
        Buffer.Advance(sizeof(int));
        Append(Buffer, key);
        _row.Clear();
        Append(_row, [hasValue ? Value : Deletion]);
        Append(_row, value);
        Apply(hasValue, timestamp);
        RowRestored();
    }

    protected override RocksStore OfSameKind() => new RocksVersionedStore<TKey, TValue>(spec);

    protected override void Remember(ReadOnlySpan<byte> note) => _observed = BinaryPrimitives.ReadInt64BigEndian(note);

    protected override void WriteNote(Span<byte> note) => BinaryPrimitives.WriteInt64BigEndian(note, _observed);

    protected override void Forget() => _observed = -1;

    /// <summary>Puts the row's value as the version of that time of the buffer's key.</summary>
    private long Apply(bool hasValue, long timestamp)
    {
        if (timestamp < EarliestKept)
        {
            Context.Task.Drop(DropReason.Late);
            return VersionedStore.NotPut;
        }

        _observed = Math.Max(_observed, timestamp);
        var validTo = FirstAfter(timestamp) ?? VersionedStore.ValidToUndefined;
        // A deletion at the very time of the latest value leaves no trace where no value ended then, as in Kafka Streams: nothing says any more that it was there.
        var leavesNoTrace = !hasValue && FollowsNoValue(timestamp, validTo);
        WriteBound(_to, timestamp);
        if (leavesNoTrace)
            Rows.Delete(_to.From(0));
        else
            Rows.Put(_to.From(0), _row.From(0));

        RemoveEndedBy(EarliestKept);
        return validTo;
    }

    private bool FollowsNoValue(long timestamp, long validTo)
    {
        WriteBound(_to, timestamp);
        if (validTo != VersionedStore.ValidToUndefined || !Rows.TryGet(_to.From(0), out var row) || row[0] == Deletion)
            return false;

        using var before = Versions(0, timestamp - 1, forward: false);
        return !before.MoveNext() || before.Value[0] == Deletion;
    }

    /// <summary>Removes the key's versions that ended at <paramref name="time"/> or before, and a deletion before it that nothing follows.</summary>
    private void RemoveEndedBy(long time)
    {
        if (time < 0)
            return;

        // Rows are removed after the walk: most puts remove none, few more than one.
        Span<long> ended = stackalloc long[16];
        int count;
        do
        {
            count = Ended(time, ended);
            for (var i = 0; i < count; i++)
            {
                WriteBound(_to, ended[i]);
                Rows.Delete(_to.From(0));
            }
        }
        while (count == ended.Length);
    }

    private int Ended(long time, Span<long> ended)
    {
        var count = 0;
        long? version = null;
        var isDeletion = false;
        using var rows = Versions(0, long.MaxValue, forward: true);
        while (rows.MoveNext())
        {
            var from = Time(rows.Key);
            if (version is { } ends)
            {
                if (from > time)
                    return count;

                ended[count++] = ends;
                if (count == ended.Length)
                    return count;
            }

            (version, isDeletion) = (from, rows.Value[0] == Deletion);
        }

        if (version is { } last && isDeletion && last < time)
            ended[count++] = last;
        return count;
    }

    /// <summary>When the key's first version after <paramref name="time"/> begins.</summary>
    private long? FirstAfter(long time)
    {
        if (time == long.MaxValue)
            return null;

        using var rows = Versions(time + 1, long.MaxValue, forward: true);
        return rows.MoveNext() ? Time(rows.Key) : null;
    }

    /// <summary>The key's versions that begin from <paramref name="from"/> to <paramref name="to"/>, both included.</summary>
    private RowCursor Versions(long from, long to, bool forward)
    {
        WriteBound(_from, Math.Max(from, 0));
        WriteBound(_to, to < 0 ? 0 : to == long.MaxValue ? to : to + 1);
        return Rows.Scan(_from.From(0), _to.From(0), forward);
    }

    private VersionedRecord<TValue>? Record(in RowCursor rows, long? validTo) =>
        rows.Value[0] == Deletion ? null : new(spec.ValueSerde.Deserialize(rows.Value[1..]), Time(rows.Key), validTo);

    private static long Time(ReadOnlySpan<byte> rowKey) => BinaryPrimitives.ReadInt64BigEndian(rowKey[^sizeof(long)..]);

    /// <summary>Writes the key, its length in front, to the buffer: what its rows' keys begin with.</summary>
    private void WriteKey(TKey key)
    {
        Buffer.Clear();
        Buffer.GetSpan(sizeof(int));
        Buffer.Advance(sizeof(int));
        _keySerde.Serialize(key, Buffer);
        var length = Buffer.Length - sizeof(int);
        Buffer.Clear();
        BinaryPrimitives.WriteInt32BigEndian(Buffer.GetSpan(sizeof(int)), length);
        Buffer.Advance(sizeof(int) + length);
    }

    private void WriteBound(RecordBuffer bound, long time)
    {
        bound.Clear();
        Append(bound, Buffer.From(0));
        BinaryPrimitives.WriteInt64BigEndian(bound.GetSpan(sizeof(long)), time);
        bound.Advance(sizeof(long));
    }

    private static void Append(RecordBuffer to, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(to.GetSpan(bytes.Length));
        to.Advance(bytes.Length);
    }

    // The value alone; the record's timestamp says from when it is valid. Logged even where it came too late, as Kafka Streams does.
    private void Log(bool hasValue, long timestamp)
    {
        if (Changelog is not { } changelog)
            return;

        changelog.Buffer.Clear();
        Append(changelog.Buffer, Buffer.From(sizeof(int)));
        var keyLength = changelog.Buffer.Length;
        if (!hasValue)
        {
            changelog.Delete(keyLength, timestamp);
            return;
        }

        Append(changelog.Buffer, _row.From(1));
        changelog.Put(keyLength, timestamp);
    }
}
