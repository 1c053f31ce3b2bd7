using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Streams.RocksDb.Database;
using Streams.State;

namespace Streams.RocksDb.Stores;

/// <summary>Aggregates by key and session on disk: rows by segment of the session's end, then by key, end and start as in the changelog.</summary>
internal sealed class RocksSessionStore<TKey, TAggregate>(SessionStoreSpec<TKey, TAggregate> spec) : RocksStore(spec.Name), ISessionStore<TKey, TAggregate>
{
    private readonly ISerde<TKey> _keySerde = spec.KeySerde;
    private readonly RowValue<TAggregate> _aggregates = new(spec.Values);
    private readonly SegmentedRows _segments = new(spec.RetentionMs, spec.SegmentIntervalMs);
    private readonly TimeIndex? _index = spec.TimeOrdered ? new(SessionKey.SuffixBytes) : null;
    private readonly RecordBuffer _from = new();
    private readonly RecordBuffer _to = new();

    // Each row has an entry in the index.
    public override long EntryCount => _index is null ? base.EntryCount : base.EntryCount / 2;

    protected override int NoteBytes => sizeof(long);

    public long? SegmentMs => spec.SegmentIntervalMs;

    protected override string Layout => $"session/1 segments of {spec.SegmentIntervalMs} ms, {_aggregates.Layout}{(spec.TimeOrdered ? ", by time" : "")}";

    public void Put(Windowed<TKey> session, TAggregate aggregate)
    {
        var remove = _aggregates.IsAbsent(in aggregate);
        var takes = _segments.Take(session.Window.EndMs);
        WriteRowKey(session.Key, session.Window);
        var keyLength = Buffer.Length;
        var timestamp = Context.Task.Timestamp;
        if (!remove)
            timestamp = _aggregates.Write(in aggregate, timestamp, Buffer);

        if (!takes)
            Context.Task.Dropped++;
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
        _segments.Observe(session.Window.EndMs);
        WriteRowKey(session.Key, session.Window);
        DeleteRow();
        Log(Buffer.Length, remove: true, Context.Task.Timestamp);
        RowWritten();
    }

    public bool TryFetchSession(TKey key, long start, long end, [MaybeNullWhen(false)] out TAggregate aggregate)
    {
        aggregate = default;
        if (end < _segments.EarliestVisible)
            return false;

        WriteRowKey(key, new(start, end));
        if (!Rows.TryGet(Buffer.From(0), out var row))
            return false;

        aggregate = _aggregates.Read(row);
        return true;
    }

    public void CollectSessions(TKey key, long earliestEnd, long latestStart, List<KeyValue<Windowed<TKey>, TAggregate>> found)
    {
        earliestEnd = Math.Max(earliestEnd, _segments.EarliestVisible);
        var (first, last) = _segments.Segments(earliestEnd, long.MaxValue);
        for (var segment = first; segment <= last; segment++)
        {
            WriteBound(_from, segment, key, new(0, earliestEnd));
            WriteBound(_to, segment, key, new(long.MaxValue, long.MaxValue));
            var length = _from.Length;
            using var rows = Rows.Scan(_from.From(0), _to.From(0));
            while (rows.MoveNext())
            {
                // Rows of longer keys that begin with this one lie among its own.
                if (rows.Key.Length != length || !rows.Key[..^SessionKey.SuffixBytes].SequenceEqual(_from.Span(0, length - SessionKey.SuffixBytes)))
                    continue;

                var window = SessionKey.Read(rows.Key, out _);
                if (window.StartMs <= latestStart)
                    found.Add(new(new(key, window), _aggregates.Read(rows.Value)));
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
        Within(keyFrom, keyTo, earliestEnd, latestStart);

    public IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> BackwardFindSessions(TKey? keyFrom, TKey? keyTo, long earliestEnd, long latestStart)
    {
        var found = Within(keyFrom, keyTo, earliestEnd, latestStart);
        found.Reverse();
        return found;
    }

    public IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> Fetch(TKey key) => FindSessions(key, 0, long.MaxValue);

    public IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> BackwardFetch(TKey key) => BackwardFindSessions(key, 0, long.MaxValue);

    public IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> Fetch(TKey? keyFrom, TKey? keyTo) => FindSessions(keyFrom, keyTo, 0, long.MaxValue);

    public IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> BackwardFetch(TKey? keyFrom, TKey? keyTo) =>
        BackwardFindSessions(keyFrom, keyTo, 0, long.MaxValue);

    public IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> FindSessions(long earliestEnd, long latestEnd)
    {
        earliestEnd = Math.Max(earliestEnd, _segments.EarliestKept);
        if (_index is not null)
            return ByEnd(_index, earliestEnd, latestEnd);

        var found = new WindowedRows<TKey, TAggregate>(byEnd: true);
        Scan(null, null, earliestEnd, latestEnd, long.MaxValue, (key, window, aggregate) =>
            found.Add(new(key.ToArray(), _keySerde.Deserialize(key)), window, aggregate));
        return found.ByEndAndStart();
    }

    /// <summary>Sessions of all keys, by end, then start, then key.</summary>
    private List<KeyValue<Windowed<TKey>, TAggregate>> ByEnd(TimeIndex index, long earliestEnd, long latestEnd)
    {
        var found = new List<KeyValue<Windowed<TKey>, TAggregate>>();
        var (first, last) = _segments.Segments(earliestEnd, latestEnd);
        for (var segment = first; segment <= last && earliestEnd <= latestEnd; segment++)
        {
            using var entries = index.Scan(Rows, segment, earliestEnd, latestEnd);
            while (entries.MoveNext())
            {
                var row = index.Row(entries.Key);
                if (!Rows.TryGet(row, out var aggregate))
                    continue;

                var window = SessionKey.Read(row[SegmentedRows.PrefixBytes..], out var key);
                found.Add(new(new(_keySerde.Deserialize(key), window), _aggregates.Read(aggregate)));
            }
        }

        return found;
    }

    public override void Restore(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool hasValue, long timestamp)
    {
        var window = SessionKey.Read(key, out _);
        if (!_segments.Take(window.EndMs))
            return;

        Buffer.Clear();
        SegmentedRows.WritePrefix(Buffer, _segments.Segment(window.EndMs));
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
    }

    protected override void WriteNote(Span<byte> note) => BinaryPrimitives.WriteInt64BigEndian(note, _segments.Latest);

    protected override void Forget() => _segments.Forget();

    /// <summary>Sets the row whose key the buffer begins with.</summary>
    private void PutRow(int keyLength, ReadOnlySpan<byte> value, long timestamp)
    {
        var key = Buffer.Span(0, keyLength);
        _aggregates.Put(Rows, key, value, timestamp);
        _index?.Put(Rows, key);
    }

    /// <summary>Deletes the row whose key the buffer holds.</summary>
    private void DeleteRow()
    {
        Rows.Delete(Buffer.From(0));
        _index?.Delete(Rows, Buffer.From(0));
    }

    private void Log(int keyLength, bool remove, long timestamp)
    {
        if (Changelog is not { } changelog)
            return;

        var bytes = Buffer.From(SegmentedRows.PrefixBytes);
        changelog.Buffer.Clear();
        bytes.CopyTo(changelog.Buffer.GetSpan(bytes.Length));
        changelog.Buffer.Advance(bytes.Length);
        if (remove)
            changelog.Delete(keyLength - SegmentedRows.PrefixBytes, timestamp);
        else
            changelog.Put(keyLength - SegmentedRows.PrefixBytes, timestamp);
    }

    private void WriteRowKey(TKey key, TimeWindow session) => WriteBound(Buffer, _segments.Segment(session.EndMs), key, session);

    private void WriteBound(RecordBuffer bound, long segment, TKey key, TimeWindow session)
    {
        bound.Clear();
        SegmentedRows.WritePrefix(bound, segment);
        _keySerde.Serialize(key, bound);
        SessionKey.WriteSuffix(bound, session);
    }

    private byte[]? Serialized(TKey? key)
    {
        if (key is null)
            return null;

        Buffer.Clear();
        _keySerde.Serialize(key, Buffer);
        return Buffer.From(0).ToArray();
    }

    private List<KeyValue<Windowed<TKey>, TAggregate>> Within(TKey? keyFrom, TKey? keyTo, long earliestEnd, long latestStart)
    {
        var found = new List<KeyValue<Windowed<TKey>, TAggregate>>();
        Scan(Serialized(keyFrom), Serialized(keyTo), Math.Max(earliestEnd, _segments.EarliestVisible), long.MaxValue, latestStart, (key, window, aggregate) =>
            found.Add(new(new(_keySerde.Deserialize(key), window), aggregate)));
        return found;
    }

    private void Scan(
        byte[]? keyFrom, byte[]? keyTo, long earliestEnd, long latestEnd, long latestStart, Action<ReadOnlySpan<byte>, TimeWindow, TAggregate> found)
    {
        var (first, last) = _segments.Segments(earliestEnd, latestEnd);
        for (var segment = first; segment <= last; segment++)
        {
            SegmentedRows.WriteKeyRange(_from, _to, segment, keyFrom, keyTo);
            using var rows = Rows.Scan(_from.From(0), _to.From(0));
            while (rows.MoveNext())
            {
                var window = SessionKey.Read(rows.Key[SegmentedRows.PrefixBytes..], out var key);
                if (window.EndMs >= earliestEnd && window.EndMs <= latestEnd && window.StartMs <= latestStart && SegmentedRows.IsWithin(key, keyFrom, keyTo))
                    found(key, window, _aggregates.Read(rows.Value));
            }
        }
    }
}
