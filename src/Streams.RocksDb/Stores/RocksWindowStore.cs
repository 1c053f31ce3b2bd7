using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Streams.RocksDb.Database;
using Streams.State;

namespace Streams.RocksDb.Stores;

/// <summary>Values by key and window start on disk: rows by segment, then by key, start and sequence as in the changelog.</summary>
internal class RocksWindowStore<TKey, TStored>(WindowStoreSpec<TKey, TStored> spec) : RocksStore(spec.Name), IWindowStore<TKey, TStored>
{
    private readonly ISerde<TKey> _keySerde = spec.KeySerde;
    private readonly RowValue<TStored> _values = new(spec.Values);
    private readonly SegmentedRows _segments = new(spec.RetentionMs, spec.SegmentIntervalMs, spec.HiddenFrom);
    private readonly RecordBuffer _from = new();
    private readonly RecordBuffer _to = new();
    private readonly TimeIndex? _index = spec.TimeOrdered ? new(WindowKey.SuffixBytes) : null;
    private int _sequence;

    // Each row has an entry in the index.
    public override long EntryCount => _index is null ? base.EntryCount : base.EntryCount / 2;

    protected override int NoteBytes => sizeof(long) + sizeof(int);

    protected override string Layout => $"window/1 segments of {spec.SegmentIntervalMs} ms, {_values.Layout}{(spec.TimeOrdered ? ", by time" : "")}";

    public void Put(TKey key, TStored value, long windowStart)
    {
        var delete = _values.IsAbsent(in value);

        // Of duplicates, a put without a value keeps nothing: Kafka Streams does not even look at its time.
        var keepsNothing = delete && spec.RetainDuplicates;
        var takes = keepsNothing || _segments.Take(windowStart);
        if (spec.RetainDuplicates)
            _sequence = (_sequence + 1) & int.MaxValue;

        // Written once: the segment, then the changelog's key, then the value.
        Buffer.Clear();
        SegmentedRows.WritePrefix(Buffer, _segments.Segment(windowStart));
        _keySerde.Serialize(key, Buffer);
        WindowKey.WriteSuffix(Buffer, windowStart, _sequence);
        var keyLength = Buffer.Length;
        var timestamp = Context.Task.Timestamp;
        if (!delete)
            timestamp = _values.Write(in value, timestamp, Buffer);

        if (!takes)
            Context.Task.Dropped++;
        else if (!delete)
            PutRow(keyLength, Buffer.From(keyLength), timestamp);
        else if (!keepsNothing)
            DeleteRow();

        // What came too late is logged all the same, as Kafka Streams does: the changelog keeps windows longer than the store.
        Log(keyLength, delete, timestamp);
        RowWritten();
    }

    public bool TryFetch(TKey key, long windowStart, [MaybeNullWhen(false)] out TStored value)
    {
        value = default;
        if (windowStart < _segments.EarliestVisible)
            return false;

        Buffer.Clear();
        SegmentedRows.WritePrefix(Buffer, _segments.Segment(windowStart));
        _keySerde.Serialize(key, Buffer);
        WindowKey.WriteSuffix(Buffer, windowStart, 0);
        if (!Rows.TryGet(Buffer.From(0), out var row))
            return false;

        value = _values.Read(row);
        return true;
    }

    public void CollectWindows(TKey key, long from, long to, List<KeyValue<long, TStored>> found)
    {
        from = Math.Max(from, _segments.EarliestVisible);
        var (first, last) = _segments.Segments(from, to);
        for (var segment = first; segment <= last && from <= to; segment++)
        {
            WriteBound(_from, segment, key, from, 0);
            // As unsigned bytes, -1 is after every sequence.
            WriteBound(_to, segment, key, to, -1);
            var length = _from.Length;
            using var rows = Rows.Scan(_from.From(0), _to.From(0));
            while (rows.MoveNext())
            {
                // Rows of longer keys that begin with this one lie among its own.
                if (rows.Key.Length == length && rows.Key[..^WindowKey.SuffixBytes].SequenceEqual(_from.Span(0, length - WindowKey.SuffixBytes)))
                    found.Add(new(WindowKey.Read(rows.Key, out _).Start, _values.Read(rows.Value)));
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
        Within(keyFrom is null ? null : Serialized(keyFrom), keyTo is null ? null : Serialized(keyTo), from, to, spec.ListsRangesByTime);

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> BackwardFetchRange(TKey? keyFrom, TKey? keyTo, long from, long to)
    {
        var found = Within(keyFrom is null ? null : Serialized(keyFrom), keyTo is null ? null : Serialized(keyTo), from, to, spec.ListsRangesByTime);
        found.Reverse();
        return found;
    }

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> FetchAll(long from, long to) =>
        _index is null ? Within(null, null, from, to, spec.ListsAllByTime) : ByTime(_index, from, to);

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> BackwardFetchAll(long from, long to)
    {
        var found = _index is null ? Within(null, null, from, to, spec.ListsAllByTime) : ByTime(_index, from, to);
        found.Reverse();
        return found;
    }

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> All() => FetchAll(0, long.MaxValue);

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> BackwardAll() => BackwardFetchAll(0, long.MaxValue);

    public override void Restore(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool hasValue, long timestamp)
    {
        var (start, sequence) = WindowKey.Read(key, out _);
        if (!_segments.Take(start))
            return;

        if (spec.RetainDuplicates)
            _sequence = Math.Max(_sequence, sequence);
        Buffer.Clear();
        SegmentedRows.WritePrefix(Buffer, _segments.Segment(start));
        key.CopyTo(Buffer.GetSpan(key.Length));
        Buffer.Advance(key.Length);
        if (hasValue)
            PutRow(Buffer.Length, value, timestamp);
        else
            DeleteRow();
        RowRestored();
    }

    internal override void Commit()
    {
        base.Commit();
        _segments.Commit();
    }

    internal override void Write(WriteBatch batch) => _segments.Write(Rows, batch);

    protected override void Remember(ReadOnlySpan<byte> note)
    {
        _segments.Observe(BinaryPrimitives.ReadInt64BigEndian(note));
        _segments.Commit();
        _sequence = BinaryPrimitives.ReadInt32BigEndian(note[sizeof(long)..]);
    }

    protected override void WriteNote(Span<byte> note)
    {
        BinaryPrimitives.WriteInt64BigEndian(note, _segments.Latest);
        BinaryPrimitives.WriteInt32BigEndian(note[sizeof(long)..], _sequence);
    }

    protected override void Forget()
    {
        _segments.Forget();
        _sequence = 0;
    }

    /// <summary>Sets the row whose key the buffer begins with.</summary>
    private void PutRow(int keyLength, ReadOnlySpan<byte> value, long timestamp)
    {
        var key = Buffer.Span(0, keyLength);
        _values.Put(Rows, key, value, timestamp);
        _index?.Put(Rows, key);
    }

    /// <summary>Deletes the row whose key the buffer holds.</summary>
    private void DeleteRow()
    {
        Rows.Delete(Buffer.From(0));
        _index?.Delete(Rows, Buffer.From(0));
    }

    private void Log(int keyLength, bool delete, long timestamp)
    {
        if (Changelog is not { } changelog)
            return;

        var bytes = Buffer.From(SegmentedRows.PrefixBytes);
        changelog.Buffer.Clear();
        bytes.CopyTo(changelog.Buffer.GetSpan(bytes.Length));
        changelog.Buffer.Advance(bytes.Length);
        var headers = spec.RetainDuplicates && Context.Task.Headers is { } given ? given.Span : default;
        if (delete)
            changelog.Delete(keyLength - SegmentedRows.PrefixBytes, timestamp, headers);
        else
            changelog.Put(keyLength - SegmentedRows.PrefixBytes, timestamp, headers);
    }

    private void WriteBound(RecordBuffer bound, long segment, TKey key, long start, int sequence)
    {
        bound.Clear();
        SegmentedRows.WritePrefix(bound, segment);
        _keySerde.Serialize(key, bound);
        WindowKey.WriteSuffix(bound, start, sequence);
    }

    private byte[] Serialized(TKey key)
    {
        Buffer.Clear();
        _keySerde.Serialize(key, Buffer);
        return Buffer.From(0).ToArray();
    }

    /// <summary>The rows of all keys, by start, then key.</summary>
    private List<KeyValue<Windowed<TKey>, TStored>> ByTime(TimeIndex index, long from, long to)
    {
        var found = new List<KeyValue<Windowed<TKey>, TStored>>();
        from = Math.Max(from, _segments.EarliestVisible);
        var (first, last) = _segments.Segments(from, to);
        for (var segment = first; segment <= last && from <= to; segment++)
        {
            using var entries = index.Scan(Rows, segment, from, to);
            while (entries.MoveNext())
            {
                var row = index.Row(entries.Key);
                if (!Rows.TryGet(row, out var value))
                    continue;

                var start = WindowKey.Read(row[SegmentedRows.PrefixBytes..], out var key).Start;
                found.Add(new(new(_keySerde.Deserialize(key), TimeWindow.Of(start, spec.WindowSizeMs)), _values.Read(value)));
            }
        }

        return found;
    }

    private List<KeyValue<Windowed<TKey>, TStored>> Within(byte[]? keyFrom, byte[]? keyTo, long from, long to, bool byTime)
    {
        var found = new List<KeyValue<Windowed<TKey>, TStored>>();
        from = Math.Max(from, _segments.EarliestVisible);
        var (first, last) = _segments.Segments(from, to);
        for (var segment = first; segment <= last && from <= to; segment++)
        {
            SegmentedRows.WriteKeyRange(_from, _to, segment, keyFrom, keyTo);
            using var rows = Rows.Scan(_from.From(0), _to.From(0));
            while (rows.MoveNext())
            {
                var start = WindowKey.Read(rows.Key[SegmentedRows.PrefixBytes..], out var key).Start;
                if (start >= from && start <= to && SegmentedRows.IsWithin(key, keyFrom, keyTo))
                    found.Add(new(new(_keySerde.Deserialize(key), TimeWindow.Of(start, spec.WindowSizeMs)), _values.Read(rows.Value)));
            }
        }

        // The sort is stable: rows of one start stay by key.
        return byTime ? [.. found.OrderBy(row => row.Key.Window.StartMs)] : found;
    }
}

/// <summary>Values by key and window start with the time of their last change, on disk.</summary>
internal sealed class RocksTimestampedWindowStore<TKey, TValue>(WindowStoreSpec<TKey, ValueAndTimestamp<TValue>> spec)
    : RocksWindowStore<TKey, ValueAndTimestamp<TValue>>(spec), ITimestampedWindowStore<TKey, TValue>;
