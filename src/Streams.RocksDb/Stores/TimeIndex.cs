using System.Buffers.Binary;
using Streams.RocksDb.Rows;

namespace Streams.RocksDb.Stores;

/// <summary>
/// The rows of a segmented store by time, for stores that are asked for what has closed: beside each row another without a value, whose key has the
/// row's times in front of its key. So a look reads what has closed since the last, and not all that a segment holds.
/// </summary>
/// <param name="timeBytes">The times behind a row's key: 12 bytes of a window, 16 of a session.</param>
internal sealed class TimeIndex(int timeBytes)
{
    // Above the number of any segment: the index lies behind all rows, and a segment of it expires as one of rows does.
    private const long Mark = 1L << 62;

    private readonly RecordBuffer _entry = new();
    private readonly RecordBuffer _row = new();
    private readonly RecordBuffer _from = new();
    private readonly RecordBuffer _to = new();

    /// <summary>The part of the index for a segment.</summary>
    public static long Segment(long segment) => segment | Mark;

    /// <summary>A row was put.</summary>
    public void Put(StoreRows rows, ReadOnlySpan<byte> row) => rows.Put(Entry(row), default);

    /// <summary>A row was deleted.</summary>
    public void Delete(StoreRows rows, ReadOnlySpan<byte> row) => rows.Delete(Entry(row));

    /// <summary>A segment's entries of rows from a time to another, both included, by their times, then by key.</summary>
    public RowCursor Scan(StoreRows rows, long segment, long from, long to)
    {
        Bound(_from, Segment(segment), from);
        if (to == long.MaxValue)
            Bound(_to, Segment(segment) + 1, 0);
        else
            Bound(_to, Segment(segment), to + 1);
        return rows.Scan(_from.From(0), _to.From(0));
    }

    /// <summary>The key of the row that an entry is for. Good until the next call.</summary>
    public ReadOnlySpan<byte> Row(ReadOnlySpan<byte> entry)
    {
        var key = entry[(SegmentedRows.PrefixBytes + timeBytes)..];
        _row.Clear();
        SegmentedRows.WritePrefix(_row, BinaryPrimitives.ReadInt64BigEndian(entry) & ~Mark);
        Append(_row, key);
        Append(_row, entry.Slice(SegmentedRows.PrefixBytes, timeBytes));
        return _row.From(0);
    }

    private ReadOnlySpan<byte> Entry(ReadOnlySpan<byte> row)
    {
        _entry.Clear();
        SegmentedRows.WritePrefix(_entry, Segment(BinaryPrimitives.ReadInt64BigEndian(row)));
        Append(_entry, row[^timeBytes..]);
        Append(_entry, row[SegmentedRows.PrefixBytes..^timeBytes]);
        return _entry.From(0);
    }

    private static void Bound(RecordBuffer to, long segment, long time)
    {
        to.Clear();
        SegmentedRows.WritePrefix(to, segment);
        SegmentedRows.WritePrefix(to, time);
    }

    private static void Append(RecordBuffer to, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(to.GetSpan(bytes.Length));
        to.Advance(bytes.Length);
    }
}
