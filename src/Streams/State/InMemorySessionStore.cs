using System.Diagnostics.CodeAnalysis;

namespace Streams.State;

/// <summary>
/// Sessions as objects: each key's in a short list by end. Expired sessions are hidden at once and swept out now and then, so that nothing has to
/// be kept in order of time.
/// </summary>
internal sealed class InMemorySessionStore<TKey, TAggregate>(SessionStoreSpec<TKey, TAggregate> spec, bool likePersistent)
    : ISessionStore<TKey, TAggregate>, IRestorable, ICountable
{
    private readonly ISerde<TKey> _keySerde = spec.KeySerde;
    private readonly StoredValue<TAggregate> _aggregates = spec.Values;
    private readonly Dictionary<TKey, SessionList<TAggregate>> _keys = new(KeyEquality.For(spec.KeySerde));
    private readonly List<TKey> _emptied = [];
    private readonly RecordBuffer _scratch = new();
    private readonly Expiry _expiry = new(spec.RetentionMs, likePersistent ? spec.SegmentIntervalMs : null);
    private StateStoreContext? _context;
    private Changelog? _changelog;

    public string Name => spec.Name;

    public long? SegmentMs => likePersistent ? spec.SegmentIntervalMs : null;

    public long EntryCount
    {
        get
        {
            long count = 0;
            foreach (var sessions in _keys.Values)
                count += sessions.Count;
            return count;
        }
    }

    public void Init(StateStoreContext context)
    {
        _context = context;
        _changelog = context.Changelog;
    }

    public void Put(Windowed<TKey> session, TAggregate aggregate)
    {
        var remove = _aggregates.IsAbsent(in aggregate);
        if (!Take(session.Window.EndMs))
            _context!.Task.Dropped++;
        else if (remove)
            Drop(session);
        else
            Sessions(session.Key).Set(session.Window, aggregate);

        Log(session, aggregate, remove);
    }

    public void Remove(Windowed<TKey> session)
    {
        // Kafka Streams' persistent stores move their time on for a removal too.
        if (likePersistent)
            Take(session.Window.EndMs);
        Drop(session);
        Log(session, default!, remove: true);
    }

    public bool TryFetchSession(TKey key, long start, long end, [MaybeNullWhen(false)] out TAggregate aggregate)
    {
        aggregate = default;
        return end >= _expiry.EarliestVisible && _keys.TryGetValue(key, out var sessions) && sessions.TryGet(new(start, end), out aggregate);
    }

    public void CollectSessions(TKey key, long earliestEnd, long latestStart, List<KeyValue<Windowed<TKey>, TAggregate>> found)
    {
        if (!_keys.TryGetValue(key, out var sessions))
            return;

        earliestEnd = Math.Max(earliestEnd, _expiry.EarliestVisible);
        for (var i = sessions.FirstEndingAt(earliestEnd); i < sessions.Count; i++)
        {
            if (sessions.Window(i).StartMs <= latestStart)
                found.Add(new(new(key, sessions.Window(i)), sessions.Aggregate(i)));
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
        Within(keyFrom, keyTo, earliestEnd, latestStart, reverse: false);

    public IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> BackwardFindSessions(TKey? keyFrom, TKey? keyTo, long earliestEnd, long latestStart) =>
        Within(keyFrom, keyTo, earliestEnd, latestStart, reverse: true);

    public IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> Fetch(TKey key) => FindSessions(key, 0, long.MaxValue);

    public IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> BackwardFetch(TKey key) => BackwardFindSessions(key, 0, long.MaxValue);

    public IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> Fetch(TKey? keyFrom, TKey? keyTo) => FindSessions(keyFrom, keyTo, 0, long.MaxValue);

    public IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> BackwardFetch(TKey? keyFrom, TKey? keyTo) =>
        BackwardFindSessions(keyFrom, keyTo, 0, long.MaxValue);

    public IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> FindSessions(long earliestEnd, long latestEnd) =>
        Sorted(null, null, Math.Max(earliestEnd, _expiry.EarliestKept), long.MaxValue, latestEnd) is var rows && likePersistent ? rows.ByEndAndStart() : rows.ByTime();

    public void Restore(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool hasValue, long timestamp)
    {
        var window = SessionKey.Read(key, out var inner);
        if (!Take(window.EndMs))
            return;

        var restored = _keySerde.Deserialize(inner);
        if (hasValue)
            Sessions(restored).Set(window, _aggregates.Read(value, timestamp));
        else
            Drop(new(restored, window));
    }

    public void Flush()
    {
    }

    public void Close() => _keys.Clear();

    /// <summary>Moves the store's time on; false where a session of that end is past its retention already.</summary>
    private bool Take(long end)
    {
        if (_expiry.Observe(end))
            Sweep();
        return _expiry.Takes(end);
    }

    private void Sweep()
    {
        foreach (var (key, sessions) in _keys)
        {
            sessions.RemoveBefore(_expiry.EarliestKept);
            if (sessions.Count == 0)
                _emptied.Add(key);
        }

        foreach (var key in _emptied)
            _keys.Remove(key);
        _emptied.Clear();
    }

    private SessionList<TAggregate> Sessions(TKey key)
    {
        if (!_keys.TryGetValue(key, out var sessions))
            _keys.Add(key, sessions = new(descendingStarts: !likePersistent));
        return sessions;
    }

    private void Drop(Windowed<TKey> session)
    {
        if (_keys.TryGetValue(session.Key, out var sessions) && sessions.Remove(session.Window) && sessions.Count == 0)
            _keys.Remove(session.Key);
    }

    private void Log(Windowed<TKey> session, TAggregate aggregate, bool remove)
    {
        if (_changelog is not { } changelog)
            return;

        var buffer = changelog.Buffer;
        buffer.Clear();
        _keySerde.Serialize(session.Key, buffer);
        SessionKey.WriteSuffix(buffer, session.Window);
        var keyLength = buffer.Length;
        var now = _context!.Task.Timestamp;
        if (remove)
            changelog.Delete(keyLength, now);
        else
            changelog.Put(keyLength, _aggregates.Write(in aggregate, now, buffer));
    }

    private List<KeyValue<Windowed<TKey>, TAggregate>> Within(TKey? keyFrom, TKey? keyTo, long earliestEnd, long latestStart, bool reverse)
    {
        var first = keyFrom is null ? null : OrderedKey<TKey>.Of(keyFrom, _keySerde, _scratch).Bytes;
        var last = keyTo is null ? null : OrderedKey<TKey>.Of(keyTo, _keySerde, _scratch).Bytes;
        var sorted = Sorted(first, last, Math.Max(earliestEnd, _expiry.EarliestVisible), latestStart, long.MaxValue);
        var found = likePersistent ? sorted.BySegment(spec.SegmentIntervalMs) : sorted.ByTime();
        if (reverse)
            found.Reverse();
        return found;
    }

    private WindowedRows<TKey, TAggregate> Sorted(byte[]? first, byte[]? last, long earliestEnd, long latestStart, long latestEnd)
    {
        var rows = new WindowedRows<TKey, TAggregate>(byEnd: true);
        foreach (var (key, sessions) in _keys)
        {
            byte[]? bytes = null;
            for (var i = sessions.FirstEndingAt(earliestEnd); i < sessions.Count; i++)
            {
                var window = sessions.Window(i);
                if (window.StartMs > latestStart || window.EndMs > latestEnd)
                    continue;

                var ordered = bytes is null ? OrderedKey<TKey>.Of(key, _keySerde, _scratch) : new(bytes, key);
                bytes = ordered.Bytes;
                if (!ordered.IsWithin(first, last))
                    break;
                rows.Add(ordered, window, sessions.Aggregate(i));
            }
        }

        return rows;
    }
}
