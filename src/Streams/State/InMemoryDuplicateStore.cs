using System.Diagnostics.CodeAnalysis;

namespace Streams.State;

/// <summary>
/// A window store that keeps puts of one key and start beside each other, in the order in which they came: what stream joins look for partners in.
/// Each key has its rows by start; what has expired is swept out now and then. A put without a value keeps nothing.
/// </summary>
internal class InMemoryDuplicateStore<TKey, TStored>(WindowStoreSpec<TKey, TStored> spec, bool usesSegments)
    : IWindowStore<TKey, TStored>, IRestorable, ICountable
{
    private readonly ISerde<TKey> _keySerde = spec.KeySerde;
    private readonly StoredValue<TStored> _values = spec.Values;
    private readonly Dictionary<TKey, List<Row>> _rows = new(KeyEquality.For(spec.KeySerde));
    private readonly Expiry _expiry = new(spec.RetentionMs, usesSegments ? spec.SegmentIntervalMs : null);
    private readonly RecordBuffer _scratch = new();
    private StateStoreContext? _context;
    private Changelog? _changelog;
    private int _sequence;

    public string Name => spec.Name;

    public long EntryCount { get; private set; }

    public void Init(StateStoreContext context)
    {
        _context = context;
        _changelog = context.Changelog;
    }

    public void Put(TKey key, TStored value, long windowStart)
    {
        _sequence = (_sequence + 1) & int.MaxValue;
        var absent = _values.IsAbsent(in value);

        // Kafka Streams' persistent stores do not even look at the time of a put without a value; those in memory do.
        if ((!absent || !usesSegments) && !Keep(windowStart))
            _context!.Task.Dropped++;
        else if (!absent)
            Insert(key, new(windowStart, _sequence, value));

        // Logged all the same, what came too late and what is absent.
        if (_changelog is not { } changelog)
            return;

        var buffer = changelog.Buffer;
        buffer.Clear();
        _keySerde.Serialize(key, buffer);
        WindowKey.WriteSuffix(buffer, windowStart, _sequence);
        var keyLength = buffer.Length;
        var task = _context!.Task;
        var headers = task.Headers is { } given ? given.Span : default;
        if (absent)
            changelog.Delete(keyLength, task.Timestamp, headers);
        else
            changelog.Put(keyLength, _values.Write(in value, task.Timestamp, buffer), headers);
    }

    /// <summary>Finds the first of the values put at that time.</summary>
    public bool TryFetch(TKey key, long windowStart, [MaybeNullWhen(false)] out TStored value)
    {
        value = default;
        if (windowStart < _expiry.EarliestVisible || !_rows.TryGetValue(key, out var rows))
            return false;

        var at = FirstAtOrAfter(rows, windowStart, sequence: 0);
        if (at == rows.Count || rows[at].Start != windowStart)
            return false;

        value = rows[at].Value;
        return true;
    }

    public void CollectWindows(TKey key, long from, long to, List<KeyValue<long, TStored>> found)
    {
        if (!_rows.TryGetValue(key, out var rows))
            return;

        for (var i = FirstAtOrAfter(rows, Math.Max(from, _expiry.EarliestVisible), sequence: 0); i < rows.Count && rows[i].Start <= to; i++)
            found.Add(new(rows[i].Start, rows[i].Value));
    }

    public IEnumerable<KeyValue<long, TStored>> Fetch(TKey key, long from, long to)
    {
        var found = new List<KeyValue<long, TStored>>();
        CollectWindows(key, from, to, found);
        return found;
    }

    public IEnumerable<KeyValue<long, TStored>> BackwardFetch(TKey key, long from, long to) => Fetch(key, from, to).Reverse();

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> FetchRange(TKey? keyFrom, TKey? keyTo, long from, long to)
    {
        var first = keyFrom is null ? null : OrderedKey<TKey>.Of(keyFrom, _keySerde, _scratch).Bytes;
        var last = keyTo is null ? null : OrderedKey<TKey>.Of(keyTo, _keySerde, _scratch).Bytes;
        return Within(first, last, from, to);
    }

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> BackwardFetchRange(TKey? keyFrom, TKey? keyTo, long from, long to) =>
        FetchRange(keyFrom, keyTo, from, to).Reverse();

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> FetchAll(long from, long to) => Within(null, null, from, to);

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> BackwardFetchAll(long from, long to) => FetchAll(from, to).Reverse();

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> All() => FetchAll(long.MinValue, long.MaxValue);

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> BackwardAll() => BackwardFetchAll(long.MinValue, long.MaxValue);

    public void Restore(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool hasValue, long timestamp)
    {
        var (start, sequence) = WindowKey.Read(key, out var bytes);

        // Sequences go on behind those in use, or a new record's changelog key could be an old one's.
        _sequence = Math.Max(_sequence, sequence);
        if (hasValue && Keep(start))
            Insert(_keySerde.Deserialize(bytes), new(start, sequence, _values.Read(value, timestamp)));
    }

    public void Flush()
    {
    }

    public void Close()
    {
        _rows.Clear();
        EntryCount = 0;
    }

    private static int FirstAtOrAfter(List<Row> rows, long start, int sequence)
    {
        var (low, high) = (0, rows.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            var row = rows[middle];
            if (row.Start < start || (row.Start == start && row.Sequence < sequence))
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    private bool Keep(long start)
    {
        if (_expiry.Observe(start))
            Sweep();
        return _expiry.Takes(start);
    }

    private void Insert(TKey key, Row row)
    {
        if (!_rows.TryGetValue(key, out var rows))
            _rows.Add(key, rows = []);
        rows.Insert(FirstAtOrAfter(rows, row.Start, row.Sequence), row);
        EntryCount++;
    }

    private void Sweep()
    {
        foreach (var (key, rows) in _rows)
        {
            var expired = 0;
            while (expired < rows.Count && !_expiry.Takes(rows[expired].Start))
                expired++;
            rows.RemoveRange(0, expired);
            EntryCount -= expired;

            // A dictionary may lose entries while it is walked.
            if (rows.Count == 0)
                _rows.Remove(key);
        }
    }

    private List<KeyValue<Windowed<TKey>, TStored>> Within(byte[]? first, byte[]? last, long from, long to)
    {
        var found = new WindowedRows<TKey, TStored>(byEnd: false);
        from = Math.Max(from, _expiry.EarliestVisible);
        foreach (var (key, rows) in _rows)
        {
            var ordered = OrderedKey<TKey>.Of(key, _keySerde, _scratch);
            if (!ordered.IsWithin(first, last))
                continue;

            for (var i = FirstAtOrAfter(rows, from, sequence: 0); i < rows.Count && rows[i].Start <= to; i++)
                found.Add(ordered, TimeWindow.Of(rows[i].Start, spec.WindowSizeMs), rows[i].Value);
        }

        return usesSegments ? found.BySegment(spec.SegmentIntervalMs) : found.ByTime();
    }

    private readonly record struct Row(long Start, int Sequence, TStored Value);
}

internal sealed class InMemoryTimestampedDuplicateStore<TKey, TValue>(
    WindowStoreSpec<TKey, ValueAndTimestamp<TValue>> spec, bool usesSegments)
    : InMemoryDuplicateStore<TKey, ValueAndTimestamp<TValue>>(spec, usesSegments), ITimestampedWindowStore<TKey, TValue>;
