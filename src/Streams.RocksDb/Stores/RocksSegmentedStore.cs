using Kafka;
using Streams.RocksDb.Database;
using Streams.State;

namespace Streams.RocksDb.Stores;

/// <summary>What window and session stores on disk do the same way: rows by segment of time, then by key and the row's times as in the changelog.</summary>
/// <param name="name">The store's name.</param>
/// <param name="keySerde">The keys' serde.</param>
/// <param name="values">How values are written.</param>
/// <param name="segments">The segments.</param>
/// <param name="index">The rows by time; null where the store has none.</param>
internal abstract class RocksSegmentedStore<TKey, TStored>(
    string name, ISerde<TKey> keySerde, StoredValue<TStored> values, SegmentedRows segments, TimeIndex? index) : RocksStore(name)
{
    private readonly RecordBuffer _from = new();
    private readonly RecordBuffer _to = new();

    // Each row has an entry in the index.
    public override long EntryCount => index is null ? base.EntryCount : base.EntryCount / 2;

    protected ISerde<TKey> KeySerde => keySerde;

    protected RowValue<TStored> Values { get; } = new(values);

    protected SegmentedRows Segments => segments;

    protected TimeIndex? Index => index;

    /// <summary>Bounds of a scan.</summary>
    protected RecordBuffer From => _from;

    /// <inheritdoc cref="From"/>
    protected RecordBuffer To => _to;

    internal override void Commit()
    {
        base.Commit();
        segments.Commit();
    }

    internal override void Write(WriteBatch batch) => segments.Write(Rows, batch);

    protected override void Forget() => segments.Forget();

    /// <summary>The latest time, as a note has it.</summary>
    protected void Reached(long latest)
    {
        segments.Observe(latest);
        segments.Commit();
    }

    /// <summary>Writes the key of a row that the changelog has under <paramref name="key"/>.</summary>
    protected void WriteRestoredKey(ReadOnlySpan<byte> key, long time)
    {
        Buffer.Clear();
        SegmentedRows.WritePrefix(Buffer, segments.Segment(time));
        key.CopyTo(Buffer.GetSpan(key.Length));
        Buffer.Advance(key.Length);
    }

    /// <summary>Sets the row whose key the buffer begins with.</summary>
    protected void PutRow(int keyLength, ReadOnlySpan<byte> value, long timestamp)
    {
        var key = Buffer.Span(0, keyLength);
        Values.Put(Rows, key, value, timestamp);
        index?.Put(Rows, key);
    }

    /// <summary>Deletes the row whose key the buffer holds.</summary>
    protected void DeleteRow()
    {
        Rows.Delete(Buffer.From(0));
        index?.Delete(Rows, Buffer.From(0));
    }

    /// <summary>Logs the change of the row that the buffer holds: its key, then its value.</summary>
    protected void Log(int keyLength, bool delete, long timestamp, ReadOnlySpan<RecordHeader> headers = default)
    {
        if (Changelog is not { } changelog)
            return;

        // The segment is the store's own affair.
        var bytes = Buffer.From(SegmentedRows.PrefixBytes);
        changelog.Buffer.Clear();
        bytes.CopyTo(changelog.Buffer.GetSpan(bytes.Length));
        changelog.Buffer.Advance(bytes.Length);
        if (delete)
            changelog.Delete(keyLength - SegmentedRows.PrefixBytes, timestamp, headers);
        else
            changelog.Put(keyLength - SegmentedRows.PrefixBytes, timestamp, headers);
    }

    protected byte[]? Serialized(TKey? key)
    {
        if (key is null)
            return null;

        Buffer.Clear();
        keySerde.Serialize(key, Buffer);
        return Buffer.From(0).ToArray();
    }

    /// <summary>Lists rows a segment at a time: at once of the store itself, of a snapshot as they are asked for.</summary>
    protected IEnumerable<KeyValue<Windowed<TKey>, TStored>> BySegment(
        long from, long to, bool backward, Func<long, List<KeyValue<Windowed<TKey>, TStored>>> rowsOf)
    {
        var rows = SegmentBySegment(from, to, backward, rowsOf);
        return IsSnapshot ? rows : [.. rows];
    }

    private IEnumerable<KeyValue<Windowed<TKey>, TStored>> SegmentBySegment(
        long from, long to, bool backward, Func<long, List<KeyValue<Windowed<TKey>, TStored>>> rowsOf)
    {
        var (first, last) = segments.Segments(from, to);
        if (from > to)
            yield break;

        for (var i = first; i <= last; i++)
        {
            var rows = rowsOf(backward ? last - (i - first) : i);
            if (backward)
                rows.Reverse();
            foreach (var row in rows)
                yield return row;
        }
    }
}
