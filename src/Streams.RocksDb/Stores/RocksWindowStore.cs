using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Streams.Processing;
using Streams.State;

namespace Streams.RocksDb.Stores;

/// <summary>Values by key and window start on disk: rows by segment, then by key, start and sequence as in the changelog.</summary>
internal class RocksWindowStore<TKey, TStored>(WindowStoreSpec<TKey, TStored> spec)
    : RocksSegmentedStore<TKey, TStored>(
        spec.Name,
        spec.KeySerde,
        spec.Values,
        new(spec.RetentionMs, spec.SegmentIntervalMs, spec.HiddenFrom),
        spec.TimeOrdered ? new(WindowKey.SuffixBytes) : null), IWindowStore<TKey, TStored>
{
    private int _sequence;

    protected override int NoteBytes => sizeof(long) + sizeof(int);

    protected override string Layout => $"window/1 segments of {spec.SegmentIntervalMs} ms, {Values.Layout}{(spec.TimeOrdered ? ", by time" : "")}";

    public void Put(TKey key, TStored value, long windowStart)
    {
        using var timing = Timed(StoreOperation.Put);
        var delete = Values.IsAbsent(in value);

        // Of duplicates, a put without a value keeps nothing: Kafka Streams does not even look at its time.
        var keepsNothing = delete && spec.RetainDuplicates;
        var takes = keepsNothing || Segments.Take(windowStart);
        if (spec.RetainDuplicates)
            _sequence = (_sequence + 1) & int.MaxValue;

        // Written once: the segment, then the changelog's key, then the value.
        Buffer.Clear();
        SegmentedRows.WritePrefix(Buffer, Segments.Segment(windowStart));
        KeySerde.Serialize(key, Buffer);
        WindowKey.WriteSuffix(Buffer, windowStart, _sequence);
        var keyLength = Buffer.Length;
        var timestamp = Context.Task.Timestamp;
        if (!delete)
            timestamp = Values.Write(in value, timestamp, Buffer);

        if (!takes)
            Context.Task.Drop(DropReason.Late);
        else if (!delete)
            PutRow(keyLength, Buffer.From(keyLength), timestamp);
        else if (!keepsNothing)
            DeleteRow();

        // What came too late is logged all the same, as Kafka Streams does: the changelog keeps windows longer than the store.
        Log(keyLength, delete, timestamp, spec.RetainDuplicates && Context.Task.Headers is { } given ? given.Span : default);
        RowWritten();
    }

    public bool TryFetch(TKey key, long windowStart, [MaybeNullWhen(false)] out TStored value)
    {
        using var timing = Timed(StoreOperation.Get);
        value = default;
        if (windowStart < Segments.EarliestVisible)
            return false;

        Buffer.Clear();
        SegmentedRows.WritePrefix(Buffer, Segments.Segment(windowStart));
        KeySerde.Serialize(key, Buffer);
        WindowKey.WriteSuffix(Buffer, windowStart, 0);
        if (!Rows.TryGet(Buffer.From(0), out var row))
            return false;

        value = Values.Read(row);
        return true;
    }

    public void CollectWindows(TKey key, long from, long to, List<KeyValue<long, TStored>> found)
    {
        using var timing = Timed(StoreOperation.Range);
        from = Math.Max(from, Segments.EarliestVisible);
        var (first, last) = Segments.Segments(from, to);
        for (var segment = first; segment <= last && from <= to; segment++)
        {
            WriteBound(From, segment, key, from, 0);
            // As unsigned bytes, -1 is after every sequence.
            WriteBound(To, segment, key, to, -1);
            var length = From.Length;
            using var rows = Rows.Scan(From.From(0), To.From(0));
            while (rows.MoveNext())
            {
                // Rows of longer keys that begin with this one lie among its own.
                if (rows.Key.Length == length && rows.Key[..^WindowKey.SuffixBytes].SequenceEqual(From.Span(0, length - WindowKey.SuffixBytes)))
                    found.Add(new(WindowKey.Read(rows.Key, out _).Start, Values.Read(rows.Value)));
            }
        }
    }

    public IEnumerable<KeyValue<long, TStored>> Fetch(TKey key, long from, long to)
    {
        var found = new List<KeyValue<long, TStored>>();
        CollectWindows(key, from, to, found);
        return found;
    }

    public IEnumerable<KeyValue<long, TStored>> BackwardFetch(TKey key, long from, long to)
    {
        var found = new List<KeyValue<long, TStored>>();
        CollectWindows(key, from, to, found);
        found.Reverse();
        return found;
    }

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> FetchRange(TKey? keyFrom, TKey? keyTo, long from, long to) =>
        Within(Serialized(keyFrom), Serialized(keyTo), from, to, spec.ListsRangesByTime, backward: false);

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> BackwardFetchRange(TKey? keyFrom, TKey? keyTo, long from, long to) =>
        Within(Serialized(keyFrom), Serialized(keyTo), from, to, spec.ListsRangesByTime, backward: true);

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> FetchAll(long from, long to) => OfAllKeys(from, to, backward: false);

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> BackwardFetchAll(long from, long to) => OfAllKeys(from, to, backward: true);

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> All() => FetchAll(0, long.MaxValue);

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> BackwardAll() => BackwardFetchAll(0, long.MaxValue);

    public override void Restore(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool hasValue, long timestamp)
    {
        var (start, sequence) = WindowKey.Read(key, out _);
        if (!Segments.Take(start))
            return;

        if (spec.RetainDuplicates)
            _sequence = Math.Max(_sequence, sequence);
        WriteRestoredKey(key, start);
        if (hasValue)
            PutRow(Buffer.Length, value, timestamp);
        else
            DeleteRow();
        RowRestored();
    }

    protected override RocksStore OfSameKind() => new RocksWindowStore<TKey, TStored>(spec);

    protected override void Remember(ReadOnlySpan<byte> note)
    {
        Reached(BinaryPrimitives.ReadInt64BigEndian(note));
        _sequence = BinaryPrimitives.ReadInt32BigEndian(note[sizeof(long)..]);
    }

    protected override void WriteNote(Span<byte> note)
    {
        BinaryPrimitives.WriteInt64BigEndian(note, Segments.Latest);
        BinaryPrimitives.WriteInt32BigEndian(note[sizeof(long)..], _sequence);
    }

    protected override void Forget()
    {
        base.Forget();
        _sequence = 0;
    }

    private void WriteBound(RecordBuffer bound, long segment, TKey key, long start, int sequence)
    {
        bound.Clear();
        SegmentedRows.WritePrefix(bound, segment);
        KeySerde.Serialize(key, bound);
        WindowKey.WriteSuffix(bound, start, sequence);
    }

    private IEnumerable<KeyValue<Windowed<TKey>, TStored>> OfAllKeys(long from, long to, bool backward)
    {
        if (Index is null)
            return Within(null, null, from, to, spec.ListsAllByTime, backward);

        from = Math.Max(from, Segments.EarliestVisible);
        return BySegment(from, to, backward, segment => ByTime(Index, segment, from, to));
    }

    /// <summary>A segment's rows of all keys, by start, then key.</summary>
    private List<KeyValue<Windowed<TKey>, TStored>> ByTime(TimeIndex index, long segment, long from, long to)
    {
        var found = new List<KeyValue<Windowed<TKey>, TStored>>();
        using var entries = index.Scan(Rows, segment, from, to);
        while (entries.MoveNext())
        {
            var row = index.Row(entries.Key);
            if (!Rows.TryGet(row, out var value))
                continue;

            var start = WindowKey.Read(row[SegmentedRows.PrefixBytes..], out var key).Start;
            found.Add(new(new(KeySerde.Deserialize(key), TimeWindow.Of(start, spec.WindowSizeMs)), Values.Read(value)));
        }

        return found;
    }

    private IEnumerable<KeyValue<Windowed<TKey>, TStored>> Within(byte[]? keyFrom, byte[]? keyTo, long from, long to, bool byTime, bool backward)
    {
        from = Math.Max(from, Segments.EarliestVisible);
        var rows = BySegment(from, to, backward && !byTime, segment => ByKey(segment, keyFrom, keyTo, from, to));
        if (!byTime)
            return rows;

        // The sort is stable: rows of one start stay by key.
        List<KeyValue<Windowed<TKey>, TStored>> found = [.. rows.OrderBy(row => row.Key.Window.StartMs)];
        if (backward)
            found.Reverse();
        return found;
    }

    /// <summary>A segment's rows of some keys, by key, then start.</summary>
    private List<KeyValue<Windowed<TKey>, TStored>> ByKey(long segment, byte[]? keyFrom, byte[]? keyTo, long from, long to)
    {
        var found = new List<KeyValue<Windowed<TKey>, TStored>>();
        SegmentedRows.WriteKeyRange(From, To, segment, keyFrom, keyTo);
        using var rows = Rows.Scan(From.From(0), To.From(0));
        while (rows.MoveNext())
        {
            var start = WindowKey.Read(rows.Key[SegmentedRows.PrefixBytes..], out var key).Start;
            if (start >= from && start <= to && SegmentedRows.IsWithin(key, keyFrom, keyTo))
                found.Add(new(new(KeySerde.Deserialize(key), TimeWindow.Of(start, spec.WindowSizeMs)), Values.Read(rows.Value)));
        }

        return found;
    }
}

/// <summary>Values by key and window start with the time of their last change, on disk.</summary>
internal sealed class RocksTimestampedWindowStore<TKey, TValue>(WindowStoreSpec<TKey, ValueAndTimestamp<TValue>> spec)
    : RocksWindowStore<TKey, ValueAndTimestamp<TValue>>(spec), ITimestampedWindowStore<TKey, TValue>;
