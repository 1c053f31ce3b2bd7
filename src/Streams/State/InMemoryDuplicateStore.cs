using System.Diagnostics.CodeAnalysis;
using Streams.Processing;
using Streams.Runtime;

namespace Streams.State;

/// <summary>
/// A window store that keeps puts of one key and start beside each other, in the order in which they came: what stream joins look for partners in.
/// Each key has its rows by start; what has expired is swept out now and then. A put without a value keeps nothing.
/// </summary>
internal class InMemoryDuplicateStore<TKey, TStored>(WindowStoreSpec<TKey, TStored> spec, bool usesSegments)
    : IWindowStore<TKey, TStored>, IRestorable, ICountable, ISnapshots
{
    private readonly ISerde<TKey> _keySerde = spec.KeySerde;
    private readonly StoredValue<TStored> _values = spec.Values;
    private CowMap<TKey, DuplicateRows<TStored>> _rows = new(KeyEquality.For(spec.KeySerde));
    private readonly Expiry _expiry = new(spec.RetentionMs, usesSegments ? spec.SegmentIntervalMs : null);
    private readonly RecordBuffer _scratch = new();
    private StateStoreContext? _context;
    private Changelog? _changelog;
    private StoreTimer _timer = null!;
    private int _sequence;
    private int _snapshots;

    public string Name => spec.Name;

    public long EntryCount { get; private set; }

    // To be read before the next change.
    private DuplicateSnapshot<TKey, TStored> Now => AsNow(_scratch);

    public void Init(StateStoreContext context)
    {
        _context = context;
        _changelog = context.Changelog;
        _timer = new(Name, context.Task.StoreTimes);
    }

    public void Put(TKey key, TStored value, long windowStart)
    {
        using var timing = _timer.Begin(StoreOperation.Put);
        _sequence = (_sequence + 1) & int.MaxValue;
        var absent = _values.IsAbsent(in value);

        // Kafka Streams' persistent stores do not even look at the time of a put without a value; those in memory do.
        if ((!absent || !usesSegments) && !Keep(windowStart))
            _context!.Task.Drop(DropReason.Late);
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
    public bool TryFetch(TKey key, long windowStart, [MaybeNullWhen(false)] out TStored value) => Now.TryFetch(key, windowStart, out value);

    public void CollectWindows(TKey key, long from, long to, List<KeyValue<long, TStored>> found)
    {
        using var timing = _timer.Begin(StoreOperation.Range);
        if (_rows.TryGetValue(key, out var rows))
            rows.Collect(Math.Max(from, _expiry.EarliestVisible), to, found);
    }

    public IEnumerable<KeyValue<long, TStored>> Fetch(TKey key, long from, long to) => Now.Fetch(key, from, to);

    public IEnumerable<KeyValue<long, TStored>> BackwardFetch(TKey key, long from, long to) => Now.BackwardFetch(key, from, to);

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> FetchRange(TKey? keyFrom, TKey? keyTo, long from, long to) =>
        Now.FetchRange(keyFrom, keyTo, from, to);

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> BackwardFetchRange(TKey? keyFrom, TKey? keyTo, long from, long to) =>
        Now.BackwardFetchRange(keyFrom, keyTo, from, to);

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> FetchAll(long from, long to) => Now.FetchAll(from, to);

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> BackwardFetchAll(long from, long to) => Now.BackwardFetchAll(from, to);

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> All() => Now.All();

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> BackwardAll() => Now.BackwardAll();

    public object Snapshot(StateGate gate)
    {
        var snapshot = AsNow(new());
        _rows = _rows.Fork();
        _snapshots++;
        return snapshot;
    }

    public void Restore(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool hasValue, long timestamp)
    {
        var (start, sequence) = WindowKey.Read(key, out var bytes);

        // Sequences go on behind those in use, or a new record's changelog key could be an old one's.
        _sequence = Math.Max(_sequence, sequence);

        // What was put without a value moves a restored store's time on, too, as in Kafka Streams: it had done so before the restart.
        if (Keep(start) && hasValue)
            Insert(_keySerde.Deserialize(bytes), new(start, sequence, _values.Read(value, timestamp)));
    }

    public void Flush()
    {
    }

    public void Close()
    {
        _rows = new(KeyEquality.For(spec.KeySerde));
        EntryCount = 0;
    }

    private bool Keep(long start)
    {
        if (_expiry.Observe(start))
            Sweep();
        return _expiry.Takes(start);
    }

    private void Insert(TKey key, DuplicateRows<TStored>.Row row)
    {
        var rows = _rows.TryGetValue(key, out var found) ? ToWrite(key, found) : null;
        if (rows is null)
            _rows.Set(key, rows = new(_snapshots));
        rows.Insert(row);
        EntryCount++;
    }

    private void Sweep()
    {
        foreach (var (key, rows) in _rows)
        {
            var expired = 0;
            while (expired < rows.Count && !_expiry.Takes(rows[expired].Start))
                expired++;
            EntryCount -= expired;
            if (expired == rows.Count)
                _rows.Remove(key);
            else if (expired > 0)
                ToWrite(key, rows).RemoveFirst(expired);
        }
    }

    private DuplicateSnapshot<TKey, TStored> AsNow(RecordBuffer scratch) =>
        new(spec, _rows, _expiry.EarliestVisible, usesSegments, scratch);

    // What a snapshot has stays as it is.
    private DuplicateRows<TStored> ToWrite(TKey key, DuplicateRows<TStored> rows)
    {
        if (rows.MadeIn == _snapshots)
            return rows;

        rows = rows.Copy(_snapshots);
        _rows.Set(key, rows);
        return rows;
    }
}

internal sealed class InMemoryTimestampedDuplicateStore<TKey, TValue>(
    WindowStoreSpec<TKey, ValueAndTimestamp<TValue>> spec, bool usesSegments)
    : InMemoryDuplicateStore<TKey, ValueAndTimestamp<TValue>>(spec, usesSegments), ITimestampedWindowStore<TKey, TValue>;
