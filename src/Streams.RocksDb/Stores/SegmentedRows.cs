using System.Buffers.Binary;
using Streams.RocksDb.Database;
using Streams.RocksDb.Rows;
using Streams.State;

namespace Streams.RocksDb.Stores;

/// <summary>
/// Rows that belong to a time, in segments of time that expire as a whole: each row's key has its segment's number, eight bytes big-endian, in front.
/// </summary>
/// <remarks>
/// So the order of all rows is that of Kafka Streams' persistent stores, which keep a database for each segment: by segment, then by key, and a
/// segment goes with one deletion of a range.
/// </remarks>
internal sealed class SegmentedRows(long retentionMs, long segmentIntervalMs, long hiddenFrom = 1)
{
    public const int PrefixBytes = sizeof(long);

    private Expiry _expiry = new(retentionMs, segmentIntervalMs, hiddenFrom);

    // The first segment not expired yet: as RocksDB has it, and as of the last commit.
    private long _expired;
    private long _firstLive;

    /// <summary>The latest time of a row put; -1 where there is none.</summary>
    public long Latest { get; private set; } = -1;

    /// <summary>The earliest time of a row that reads find.</summary>
    public long EarliestVisible => _expiry.EarliestVisible;

    /// <summary>The earliest time of a row that is still there, whether or not reads find it.</summary>
    public long EarliestKept => _expiry.EarliestKept;

    /// <summary>Moves the store's time on; false where a row of that time comes too late.</summary>
    public bool Take(long time)
    {
        Observe(time);
        return _expiry.Takes(time);
    }

    public void Observe(long time)
    {
        Latest = Math.Max(Latest, time);
        _ = _expiry.Observe(time);
    }

    public long Segment(long time) => time / segmentIntervalMs;

    /// <summary>The segments that hold the rows of a span of time and are not expired; last before first where there are none.</summary>
    public (long First, long Last) Segments(long from, long to) => (Segment(Math.Max(from, EarliestKept)), Segment(Math.Min(to, Latest)));

    public static void WritePrefix(RecordBuffer to, long segment)
    {
        BinaryPrimitives.WriteInt64BigEndian(to.GetSpan(PrefixBytes), segment);
        to.Advance(PrefixBytes);
    }

    /// <summary>Writes the bounds of a segment's rows of the keys from <paramref name="keyFrom"/> to <paramref name="keyTo"/>; null is open.</summary>
    /// <remarks>Rows of keys that begin with <paramref name="keyTo"/> lie among its own: <see cref="IsWithin"/> tells them apart.</remarks>
    public static void WriteKeyRange(RecordBuffer from, RecordBuffer to, long segment, byte[]? keyFrom, byte[]? keyTo)
    {
        var after = keyTo is null ? [] : KeyBound.AfterAllThatBeginWith(keyTo);
        from.Clear();
        WritePrefix(from, segment);
        Append(from, keyFrom);
        to.Clear();
        WritePrefix(to, after.Length == 0 ? segment + 1 : segment);
        Append(to, after);
    }

    /// <summary>Whether a key lies within bounds, both included; null is open.</summary>
    public static bool IsWithin(ReadOnlySpan<byte> key, byte[]? first, byte[]? last) =>
        (first is null || key.SequenceCompareTo(first) >= 0) && (last is null || key.SequenceCompareTo(last) <= 0);

    /// <summary>Adds the rows that wait to <paramref name="batch"/>, and the removal of segments that have expired since the last time.</summary>
    public void Write(StoreRows rows, WriteBatch batch)
    {
        Span<byte> firstLive = stackalloc byte[PrefixBytes];
        Span<byte> firstBefore = stackalloc byte[PrefixBytes];
        Span<byte> firstOfIndex = stackalloc byte[PrefixBytes];
        BinaryPrimitives.WriteInt64BigEndian(firstOfIndex, TimeIndex.Segment(0));
        if (_firstLive > _expired)
        {
            BinaryPrimitives.WriteInt64BigEndian(firstBefore, TimeIndex.Segment(_expired));
            BinaryPrimitives.WriteInt64BigEndian(firstLive, TimeIndex.Segment(_firstLive));
            rows.Expire(batch, firstBefore, firstLive);
            BinaryPrimitives.WriteInt64BigEndian(firstBefore, _expired);
            BinaryPrimitives.WriteInt64BigEndian(firstLive, _firstLive);
            rows.Expire(batch, firstBefore, firstLive);
        }

        BinaryPrimitives.WriteInt64BigEndian(firstLive, _firstLive);
        Span<byte> firstLiveOfIndex = stackalloc byte[PrefixBytes];
        BinaryPrimitives.WriteInt64BigEndian(firstLiveOfIndex, TimeIndex.Segment(_firstLive));
        rows.Write(batch, firstLive, firstOfIndex, firstLiveOfIndex);
        _expired = _firstLive;
    }

    /// <summary>What has expired by now is gone for good: an abort brings no row back that this removes.</summary>
    public void Commit() => _firstLive = EarliestVisible == 0 ? 0 : Segment(EarliestVisible - 1);

    /// <summary>Starts anew, without rows.</summary>
    public void Forget()
    {
        _expiry = new(retentionMs, segmentIntervalMs, hiddenFrom);
        (_expired, _firstLive, Latest) = (0, 0, -1);
    }

    private static void Append(RecordBuffer to, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(to.GetSpan(bytes.Length));
        to.Advance(bytes.Length);
    }
}
