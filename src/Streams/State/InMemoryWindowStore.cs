using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Streams.State;

/// <summary>
/// Values as objects: one hash table per window start, the starts in order. What retention has passed goes a whole table at a time.
/// </summary>
internal class InMemoryWindowStore<TKey, TStored>(WindowStoreSpec<TKey, TStored> spec, bool likePersistent)
    : IWindowStore<TKey, TStored>, IRestorable, ICountable
{
    // Behind the key: eight bytes of window start, four of a sequence that only stores with duplicates use.
    private const int SuffixBytes = 12;

    private readonly ISerde<TKey> _keySerde = spec.KeySerde;
    private readonly StoredValue<TStored> _values = spec.Values;
    private readonly SortedList<long, Dictionary<TKey, TStored>> _windows = [];
    private readonly IEqualityComparer<TKey>? _equality = KeyEquality.For(spec.KeySerde);
    private readonly RecordBuffer _scratch = new();
    private StateStoreContext? _context;
    private Changelog? _changelog;
    private long _latestStart = long.MinValue;

    // Most puts and fetches ask for the same window again and again.
    private long _lastStart = long.MinValue;
    private Dictionary<TKey, TStored>? _last;

    public string Name => spec.Name;

    public long EntryCount
    {
        get
        {
            long count = 0;
            foreach (var window in _windows.Values)
                count += window.Count;
            return count;
        }
    }

    public void Init(StateStoreContext context)
    {
        _context = context;
        _changelog = context.Changelog;
    }

    public void Put(TKey key, TStored value, long windowStart)
    {
        var delete = _values.IsAbsent(in value);
        if (!Keep(windowStart))
            _context!.Task.Dropped++;
        else if (delete)
            Remove(key, windowStart);
        else
            Window(windowStart)[key] = value;

        // What came too late is logged all the same, as Kafka Streams does: the changelog keeps windows longer than the store.
        if (_changelog is not { } changelog)
            return;

        var buffer = changelog.Buffer;
        buffer.Clear();
        _keySerde.Serialize(key, buffer);
        var suffix = buffer.GetSpan(SuffixBytes);
        BinaryPrimitives.WriteInt64BigEndian(suffix, windowStart);
        BinaryPrimitives.WriteInt32BigEndian(suffix[8..], 0);
        buffer.Advance(SuffixBytes);
        var keyLength = buffer.Length;
        var now = _context!.Task.Timestamp;
        if (delete)
            changelog.Delete(keyLength, now);
        else
            changelog.Put(keyLength, _values.Write(in value, now, buffer));
    }

    public bool TryFetch(TKey key, long windowStart, [MaybeNullWhen(false)] out TStored value)
    {
        value = default;
        return windowStart >= EarliestStart && Find(windowStart) is { } window && window.TryGetValue(key, out value);
    }

    public IEnumerable<KeyValue<long, TStored>> Fetch(TKey key, long from, long to) => WindowsOf(key, from, to);

    public IEnumerable<KeyValue<long, TStored>> BackwardFetch(TKey key, long from, long to)
    {
        var found = WindowsOf(key, from, to);
        found.Reverse();
        return found;
    }

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> FetchRange(TKey? keyFrom, TKey? keyTo, long from, long to) =>
        Within(keyFrom, keyTo, from, to);

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> BackwardFetchRange(TKey? keyFrom, TKey? keyTo, long from, long to)
    {
        var found = Within(keyFrom, keyTo, from, to);
        found.Reverse();
        return found;
    }

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> FetchAll(long from, long to) => Within(default, default, from, to, allKeys: true);

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> BackwardFetchAll(long from, long to)
    {
        var found = Within(default, default, from, to, allKeys: true);
        found.Reverse();
        return found;
    }

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> All() => FetchAll(long.MinValue, long.MaxValue);

    public IEnumerable<KeyValue<Windowed<TKey>, TStored>> BackwardAll() => BackwardFetchAll(long.MinValue, long.MaxValue);

    public void Restore(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool hasValue, long timestamp)
    {
        if (key.Length < SuffixBytes)
            throw new FormatException($"A window store's changelog key ends in {SuffixBytes} bytes of window start and sequence; this one has {key.Length} in all.");

        var start = BinaryPrimitives.ReadInt64BigEndian(key[^SuffixBytes..]);
        if (!Keep(start))
            return;

        var restored = _keySerde.Deserialize(key[..^SuffixBytes]);
        if (hasValue)
            Window(start)[restored] = _values.Read(value, timestamp);
        else
            Remove(restored, start);
    }

    public void Flush()
    {
    }

    public void Close()
    {
        _windows.Clear();
        _last = null;
        _lastStart = long.MinValue;
    }

    // The first start that retention still holds.
    private long EarliestStart => _latestStart < 0 ? 0 : Math.Max(0, _latestStart - spec.RetentionMs + (likePersistent ? spec.HiddenFrom : 1));

    /// <summary>Moves the store's time on; false where the window is past its retention already.</summary>
    private bool Keep(long windowStart)
    {
        if (windowStart > _latestStart)
        {
            _latestStart = windowStart;
            Expire();
        }

        // Segments of persistent stores take rows until the whole segment expires, though reads do not find them any more.
        return likePersistent
            ? windowStart / spec.SegmentIntervalMs >= (_latestStart - spec.RetentionMs) / spec.SegmentIntervalMs
            : windowStart >= EarliestStart;
    }

    private void Expire()
    {
        var earliest = EarliestStart;
        while (_windows.Count > 0 && _windows.Keys[0] < earliest)
        {
            if (_windows.Keys[0] == _lastStart)
                (_lastStart, _last) = (long.MinValue, null);
            _windows.RemoveAt(0);
        }
    }

    private Dictionary<TKey, TStored>? Find(long start)
    {
        if (start == _lastStart)
            return _last;
        if (!_windows.TryGetValue(start, out var window))
            return null;

        (_lastStart, _last) = (start, window);
        return window;
    }

    private Dictionary<TKey, TStored> Window(long start)
    {
        if (Find(start) is { } found)
            return found;

        var window = new Dictionary<TKey, TStored>(_equality);
        _windows.Add(start, window);
        (_lastStart, _last) = (start, window);
        return window;
    }

    private void Remove(TKey key, long start)
    {
        if (Find(start) is not { } window)
            return;

        window.Remove(key);
        if (window.Count == 0)
        {
            _windows.Remove(start);
            (_lastStart, _last) = (long.MinValue, null);
        }
    }

    private List<KeyValue<long, TStored>> WindowsOf(TKey key, long from, long to)
    {
        var found = new List<KeyValue<long, TStored>>();
        for (var i = FirstAtOrAfter(from); i < _windows.Count && _windows.Keys[i] <= to; i++)
        {
            if (_windows.Values[i].TryGetValue(key, out var value))
                found.Add(new(_windows.Keys[i], value));
        }

        return found;
    }

    private List<KeyValue<Windowed<TKey>, TStored>> Within(TKey? keyFrom, TKey? keyTo, long from, long to, bool allKeys = false)
    {
        var first = allKeys || keyFrom is null ? null : OrderedKey<TKey>.Of(keyFrom, _keySerde, _scratch).Bytes;
        var last = allKeys || keyTo is null ? null : OrderedKey<TKey>.Of(keyTo, _keySerde, _scratch).Bytes;
        var rows = new WindowedRows<TKey, TStored>(byEnd: false);
        for (var i = FirstAtOrAfter(from); i < _windows.Count && _windows.Keys[i] <= to; i++)
        {
            var window = TimeWindow.Of(_windows.Keys[i], spec.WindowSizeMs);
            foreach (var (key, value) in _windows.Values[i])
            {
                var ordered = OrderedKey<TKey>.Of(key, _keySerde, _scratch);
                if (ordered.IsWithin(first, last))
                    rows.Add(ordered, window, value);
            }
        }

        var byTime = !likePersistent || (allKeys ? spec.ListsAllByTime : spec.ListsRangesByTime);
        return byTime ? rows.ByTime() : rows.BySegment(spec.SegmentIntervalMs);
    }

    private int FirstAtOrAfter(long from)
    {
        from = Math.Max(from, EarliestStart);
        var (low, high) = (0, _windows.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_windows.Keys[middle] < from)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}

internal sealed class InMemoryTimestampedWindowStore<TKey, TValue>(
    WindowStoreSpec<TKey, ValueAndTimestamp<TValue>> spec, bool likePersistent)
    : InMemoryWindowStore<TKey, ValueAndTimestamp<TValue>>(spec, likePersistent), ITimestampedWindowStore<TKey, TValue>;
