using System.Diagnostics.CodeAnalysis;
using Streams.Processing;
using Streams.Runtime;

namespace Streams.State;

/// <summary>
/// Sessions as objects: each key's in a short list by end. Expired sessions are hidden at once and swept out now and then, so that nothing has to
/// be kept in order of time.
/// </summary>
internal sealed class InMemorySessionStore<TKey, TAggregate>(SessionStoreSpec<TKey, TAggregate> spec, bool likePersistent)
    : ISessionStore<TKey, TAggregate>, IRestorable, ICountable, ISnapshots
{
    private readonly ISerde<TKey> _keySerde = spec.KeySerde;
    private readonly StoredValue<TAggregate> _aggregates = spec.Values;
    private CowMap<TKey, SessionList<TAggregate>> _keys = new(KeyEquality.For(spec.KeySerde));
    private readonly Expiry _expiry = new(spec.RetentionMs, likePersistent ? spec.SegmentIntervalMs : null);
    private readonly RecordBuffer _scratch = new();
    private StateStoreContext? _context;
    private Changelog? _changelog;
    private StoreTimer _timer = null!;
    private int _snapshots;

    public string Name => spec.Name;

    public long? SegmentMs => likePersistent ? spec.SegmentIntervalMs : null;

    public long EntryCount { get; private set; }

    // To be read before the next change.
    private SessionSnapshot<TKey, TAggregate> Now => AsNow(_scratch);

    public void Init(StateStoreContext context)
    {
        _context = context;
        _changelog = context.Changelog;
        _timer = new(Name, context.Task.StoreTimes);
    }

    public void Put(Windowed<TKey> session, TAggregate aggregate)
    {
        using var timing = _timer.Begin(StoreOperation.Put);
        var remove = _aggregates.IsAbsent(in aggregate);
        if (!Take(session.Window.EndMs))
            _context!.Task.Drop(DropReason.Late);
        else if (remove)
            Drop(session);
        else
            Set(session, aggregate);

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
        using var timing = _timer.Begin(StoreOperation.Get);
        aggregate = default;
        return end >= _expiry.EarliestVisible && _keys.TryGetValue(key, out var sessions) && sessions.TryGet(new(start, end), out aggregate);
    }

    public void CollectSessions(TKey key, long earliestEnd, long latestStart, List<KeyValue<Windowed<TKey>, TAggregate>> found)
    {
        using var timing = _timer.Begin(StoreOperation.Range);
        if (_keys.TryGetValue(key, out var sessions))
            SessionSnapshot<TKey, TAggregate>.Collect(key, sessions, Math.Max(earliestEnd, _expiry.EarliestVisible), latestStart, found);
    }

    public IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> FindSessions(TKey key, long earliestEnd, long latestStart) =>
        Now.FindSessions(key, earliestEnd, latestStart);

    public IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> BackwardFindSessions(TKey key, long earliestEnd, long latestStart) =>
        Now.BackwardFindSessions(key, earliestEnd, latestStart);

    public IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> FindSessions(TKey? keyFrom, TKey? keyTo, long earliestEnd, long latestStart) =>
        Now.FindSessions(keyFrom, keyTo, earliestEnd, latestStart);

    public IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> BackwardFindSessions(TKey? keyFrom, TKey? keyTo, long earliestEnd, long latestStart) =>
        Now.BackwardFindSessions(keyFrom, keyTo, earliestEnd, latestStart);

    public IEnumerable<KeyValue<Windowed<TKey>, TAggregate>> FindSessions(long earliestEnd, long latestEnd) => Now.FindSessions(earliestEnd, latestEnd);

    public object Snapshot(StateGate gate)
    {
        var snapshot = AsNow(new());
        _keys = _keys.Fork();
        _snapshots++;
        return snapshot;
    }

    public void Restore(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool hasValue, long timestamp)
    {
        var window = SessionKey.Read(key, out var inner);
        if (!Take(window.EndMs))
            return;

        var restored = _keySerde.Deserialize(inner);
        if (hasValue)
            Set(new(restored, window), _aggregates.Read(value, timestamp));
        else
            Drop(new(restored, window));
    }

    public void Flush()
    {
    }

    public void Close()
    {
        _keys = new(KeyEquality.For(spec.KeySerde));
        EntryCount = 0;
    }

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
            var expired = sessions.FirstEndingAt(_expiry.EarliestKept);
            EntryCount -= expired;
            if (expired == sessions.Count)
                _keys.Remove(key);
            else if (expired > 0)
                ToWrite(key, sessions).RemoveFirst(expired);
        }
    }

    private void Set(Windowed<TKey> session, TAggregate aggregate)
    {
        var sessions = _keys.TryGetValue(session.Key, out var found) ? ToWrite(session.Key, found) : null;
        if (sessions is null)
            _keys.Set(session.Key, sessions = new(descendingStarts: !likePersistent, _snapshots));
        if (sessions.Set(session.Window, aggregate))
            EntryCount++;
    }

    private void Drop(Windowed<TKey> session)
    {
        if (!_keys.TryGetValue(session.Key, out var sessions) || !sessions.TryGet(session.Window, out _))
            return;

        EntryCount--;
        if (sessions.Count == 1)
            _keys.Remove(session.Key);
        else
            ToWrite(session.Key, sessions).Remove(session.Window);
    }

    private SessionSnapshot<TKey, TAggregate> AsNow(RecordBuffer scratch) =>
        new(spec, _keys, _expiry.EarliestVisible, _expiry.EarliestKept, likePersistent, scratch);

    // What a snapshot has stays as it is.
    private SessionList<TAggregate> ToWrite(TKey key, SessionList<TAggregate> sessions)
    {
        if (sessions.MadeIn == _snapshots)
            return sessions;

        sessions = sessions.Copy(_snapshots);
        _keys.Set(key, sessions);
        return sessions;
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
}
