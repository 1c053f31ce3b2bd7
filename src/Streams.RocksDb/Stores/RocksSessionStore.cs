using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Streams.Processing;
using Streams.State;

namespace Streams.RocksDb.Stores;

/// <summary>Aggregates by key and session on disk: rows by segment of the session's end, then by key, end and start as in the changelog.</summary>
internal sealed class RocksSessionStore<TKey, TAggregate>(SessionStoreSpec<TKey, TAggregate> spec)
    : RocksSegmentedStore<TKey, TAggregate>(
        spec.Name,
        spec.KeySerde,
        spec.Values,
        new(spec.RetentionMs, spec.SegmentIntervalMs),
        spec.TimeOrdered ? new(SessionKey.SuffixBytes) : null), ISessionStore<TKey, TAggregate>, IEndedSessions<TKey, TAggregate>
{
    protected override int NoteBytes => sizeof(long);

    public long? SegmentMs => spec.SegmentIntervalMs;

    protected override string Layout => $"session/1 segments of {spec.SegmentIntervalMs} ms, {Values.Layout}{(spec.TimeOrdered ? ", by time" : "")}";

    public void Put(Windowed<TKey> session, TAggregate aggregate)
    {
        using var timing = Timed(StoreOperation.Put);
        var remove = Values.IsAbsent(in aggregate);
        var takes = Segments.Take(session.Window.EndMs);
        WriteRowKey(session.Key, session.Window);
        var keyLength = Buffer.Length;
        var timestamp = Context.Task.Timestamp;
        if (!remove)
            timestamp = Values.Write(in aggregate, timestamp, Buffer);

        if (!takes)
            Context.Task.Drop(DropReason.Late);
        else if (remove)
            DeleteRow();
        else
            PutRow(keyLength, Buffer.From(keyLength), timestamp);

        Log(keyLength, remove, timestamp);
        RowWritten();
    }

    public void Remove(Windowed<TKey> session)
    {
        // A removal moves the store's time on, too.
        Segments.Observe(session.Window.EndMs);
        WriteRowKey(session.Key, session.Window);
        DeleteRow();
        Log(Buffer.Length, delete: true, Context.Task.Timestamp);
        RowWritten();
    }

    public bool TryFetchSession(TKey key, long start, long end, [MaybeNullWhen(false)] out TAggregate aggregate)
    {
        using var timing = Timed(StoreOperation.Get);
        aggregate = default;
        if (end < Segments.EarliestVisible)
            return false;

        WriteRowKey(key, new(start, end));
        if (!Rows.TryGet(Buffer.From(0), out var row))
            return false;

        aggregate = Values.Read(row);
        return true;
    }

    public void CollectSessions(TKey key, long earliestEnd, long latestStart, List<KeyValue<Windowed<TKey>, TAggregate>> found)
    {
        using var timing = Timed(StoreOperation.Range);
        earliestEnd = Math.Max(earliestEnd, Segments.EarliestVisible);
        var (first, last) = Segments.Segments(earliestEnd, long.MaxValue);
        for (var segment = first; segment <= last; segment++)
        {
            WriteBound(From, segment, key, new(0, earliestEnd));
            WriteBound(To, segment, key, new(long.MaxValue, long.MaxValue));
            var length = From.Length;
            using var rows = Rows.Scan(From.From(0), To.From(0));
            while (rows.MoveNext())
            {
                // Rows of longer keys that begin with this one lie among its own.
                if (rows.Key.Length != length || !rows.Key[..^SessionKey.SuffixBytes].SequenceEqual(From.Span(0, length - SessionKey.SuffixBytes)))
                    continue;

                var window = SessionKey.Read(rows.Key, out _);
                if (window.StartMs <= latestStart)
                    found.Add(new(new(key, window), Values.Read(rows.Value)));
            }
        }
    }

    public IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> FindSessions(TKey key, long earliestEnd, long latestStart)
    {
        var found = new List<KeyValue<Windowed<TKey>, TAggregate>>();
        CollectSessions(key, earliestEnd, latestStart, found);
        return found;
    }

    public IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> BackwardFindSessions(TKey key, long earliestEnd, long latestStart)
    {
        var found = new List<KeyValue<Windowed<TKey>, TAggregate>>();
        CollectSessions(key, earliestEnd, latestStart, found);
        found.Reverse();
        return found;
    }

    public IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> FindSessions(TKey? keyFrom, TKey? keyTo, long earliestEnd, long latestStart) =>
        Within(keyFrom, keyTo, earliestEnd, latestStart, backward: false);

    public IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> BackwardFindSessions(TKey? keyFrom, TKey? keyTo, long earliestEnd, long latestStart) =>
        Within(keyFrom, keyTo, earliestEnd, latestStart, backward: true);

    public IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> FindSessions(long earliestEnd, long latestEnd)
    {
        earliestEnd = Math.Max(earliestEnd, Segments.EarliestKept);
        if (Index is not null)
            return BySegment(earliestEnd, latestEnd, backward: false, segment => ByEnd(Index, segment, earliestEnd, latestEnd));

        var found = new WindowedRows<TKey, TAggregate>(byEnd: true);
        var (first, last) = Segments.Segments(earliestEnd, latestEnd);
        for (var segment = first; segment <= last; segment++)
        {
            Scan(segment, null, null, earliestEnd, latestEnd, long.MaxValue, (key, window, aggregate) =>
                found.Add(new(key.ToArray(), KeySerde.Deserialize(key)), window, aggregate));
        }

        return found.ByEndAndStart();
    }

    public override void Restore(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool hasValue, long timestamp)
    {
        var window = SessionKey.Read(key, out _);
        if (!Segments.Take(window.EndMs))
            return;

        WriteRestoredKey(key, window.EndMs);
        if (hasValue)
            PutRow(Buffer.Length, value, timestamp);
        else
            DeleteRow();
        RowRestored();
    }

    protected override RocksStore OfSameKind() => new RocksSessionStore<TKey, TAggregate>(spec);

    protected override void Remember(ReadOnlySpan<byte> note) => Reached(BinaryPrimitives.ReadInt64BigEndian(note));

    protected override void WriteNote(Span<byte> note) => BinaryPrimitives.WriteInt64BigEndian(note, Segments.Latest);

    private void WriteRowKey(TKey key, TimeWindow session) => WriteBound(Buffer, Segments.Segment(session.EndMs), key, session);

    private void WriteBound(RecordBuffer bound, long segment, TKey key, TimeWindow session)
    {
        bound.Clear();
        SegmentedRows.WritePrefix(bound, segment);
        KeySerde.Serialize(key, bound);
        SessionKey.WriteSuffix(bound, session);
    }

    private IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> Within(TKey? keyFrom, TKey? keyTo, long earliestEnd, long latestStart, bool backward)
    {
        var (first, last) = (Serialized(keyFrom), Serialized(keyTo));
        earliestEnd = Math.Max(earliestEnd, Segments.EarliestVisible);
        return BySegment(earliestEnd, long.MaxValue, backward, segment =>
        {
            var found = new List<KeyValue<Windowed<TKey>, TAggregate>>();
            Scan(segment, first, last, earliestEnd, long.MaxValue, latestStart, (key, window, aggregate) =>
                found.Add(new(new(KeySerde.Deserialize(key), window), aggregate)));
            return found;
        });
    }

    /// <summary>A segment's sessions of all keys, by end, then start, then key.</summary>
    private List<KeyValue<Windowed<TKey>, TAggregate>> ByEnd(TimeIndex index, long segment, long earliestEnd, long latestEnd)
    {
        var found = new List<KeyValue<Windowed<TKey>, TAggregate>>();
        using var entries = index.Scan(Rows, segment, earliestEnd, latestEnd);
        while (entries.MoveNext())
        {
            var row = index.Row(entries.Key);
            if (!Rows.TryGet(row, out var aggregate))
                continue;

            var window = SessionKey.Read(row[SegmentedRows.PrefixBytes..], out var key);
            found.Add(new(new(KeySerde.Deserialize(key), window), Values.Read(aggregate)));
        }

        return found;
    }

    private void Scan(
        long segment,
        byte[]? keyFrom,
        byte[]? keyTo,
        long earliestEnd,
        long latestEnd,
        long latestStart,
        Action<ReadOnlySpan<byte>, TimeWindow, TAggregate> found)
    {
        SegmentedRows.WriteKeyRange(From, To, segment, keyFrom, keyTo);
        using var rows = Rows.Scan(From.From(0), To.From(0));
        while (rows.MoveNext())
        {
            var window = SessionKey.Read(rows.Key[SegmentedRows.PrefixBytes..], out var key);
            if (window.EndMs >= earliestEnd && window.EndMs <= latestEnd && window.StartMs <= latestStart && SegmentedRows.IsWithin(key, keyFrom, keyTo))
                found(key, window, Values.Read(rows.Value));
        }
    }
}
