using System.Diagnostics.CodeAnalysis;
using Streams.Processing;
using Streams.Runtime;

namespace Streams.State;

/// <summary>Values as objects: one hash table per window start. What retention has passed goes a whole table at a time.</summary>
internal class InMemoryWindowStore<TKey, TStored>(WindowStoreSpec<TKey, TStored> spec, bool likePersistent)
    : IWindowStore<TKey, TStored>, IRestorable, ICountable, ISnapshots
{
    private readonly ISerde<TKey> _keySerde = spec.KeySerde;
    private readonly StoredValue<TStored> _values = spec.Values;
    private readonly WindowTables<TKey, TStored> _windows = new(KeyEquality.For(spec.KeySerde));
    private readonly RecordBuffer _scratch = new();
    private StateStoreContext? _context;
    private Changelog? _changelog;
    private StoreTimer _timer = null!;
    private long _latestStart = long.MinValue;

    public string Name => spec.Name;

    public long EntryCount => _windows.Count;

    // To be read before the next change.
    private WindowSnapshot<TKey, TStored> Now => new(spec, _windows.Now, EarliestStart, likePersistent, _scratch);

    public void Init(StateStoreContext context)
    {
        _context = context;
        _changelog = context.Changelog;
        _timer = new(Name, context.Task.StoreTimes);
    }

    public void Put(TKey key, TStored value, long windowStart)
    {
        using var timing = _timer.Begin(StoreOperation.Put);
        var delete = _values.IsAbsent(in value);
        if (!Keep(windowStart))
            _context!.Task.Drop(DropReason.Late);
        else if (delete)
            _windows.Remove(key, windowStart);
        else
            _windows.Set(key, windowStart, value);

        // What came too late is logged all the same, as Kafka Streams does: the changelog keeps windows longer than the store.
        if (_changelog is not { } changelog)
            return;

        var buffer = changelog.Buffer;
        buffer.Clear();
        _keySerde.Serialize(key, buffer);
        WindowKey.WriteSuffix(buffer, windowStart, 0);
        var keyLength = buffer.Length;
        var now = _context!.Task.Timestamp;
        if (delete)
            changelog.Delete(keyLength, now);
        else
            changelog.Put(keyLength, _values.Write(in value, now, buffer));
    }

    public bool TryFetch(TKey key, long windowStart, [MaybeNullWhen(false)] out TStored value)
    {
        using var timing = _timer.Begin(StoreOperation.Get);
        value = default;
        return windowStart >= EarliestStart && _windows.Find(windowStart) is { } window && window.TryGetValue(key, out value);
    }

    public void CollectWindows(TKey key, long from, long to, List<KeyValue<long, TStored>> found)
    {
        using var timing = _timer.Begin(StoreOperation.Range);
        WindowSnapshot<TKey, TStored>.Collect(_windows.Now, key, Math.Max(from, EarliestStart), to, found);
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

    public object Snapshot(StateGate gate) =>
        new WindowSnapshot<TKey, TStored>(spec, _windows.Snapshot(), EarliestStart, likePersistent, new());

    public void Restore(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool hasValue, long timestamp)
    {
        var (start, _) = WindowKey.Read(key, out var bytes);
        if (!Keep(start))
            return;

        var restored = _keySerde.Deserialize(bytes);
        if (hasValue)
            _windows.Set(restored, start, _values.Read(value, timestamp));
        else
            _windows.Remove(restored, start);
    }

    public void Flush()
    {
    }

    public void Close() => _windows.Clear();

    // The first start that retention still holds.
    private long EarliestStart => _latestStart < 0 ? 0 : Math.Max(0, _latestStart - spec.RetentionMs + (likePersistent ? spec.HiddenFrom : 1));

    /// <summary>Moves the store's time on; false where the window is past its retention already.</summary>
    private bool Keep(long windowStart)
    {
        if (windowStart > _latestStart)
        {
            _latestStart = windowStart;
            _windows.DropBefore(EarliestStart);
        }

        // Segments of persistent stores take rows until the whole segment expires, though reads do not find them any more.
        return likePersistent
            ? windowStart / spec.SegmentIntervalMs >= (_latestStart - spec.RetentionMs) / spec.SegmentIntervalMs
            : windowStart >= EarliestStart;
    }
}

internal sealed class InMemoryTimestampedWindowStore<TKey, TValue>(
    WindowStoreSpec<TKey, ValueAndTimestamp<TValue>> spec, bool likePersistent)
    : InMemoryWindowStore<TKey, ValueAndTimestamp<TValue>>(spec, likePersistent), ITimestampedWindowStore<TKey, TValue>;
