using System.Collections.Concurrent;

namespace Broker.Groups;

/// <summary>All groups by their id, with the offsets that the journal says they have.</summary>
internal sealed class GroupRegistry : IDisposable
{
    private const int OffsetsPerEntry = 1000;

    private readonly ConcurrentDictionary<string, CoordinatedGroup> _groups = new(StringComparer.Ordinal);
    private readonly GroupCoordinatorOptions _options;
    private readonly TimeProvider _time;
    private readonly IGroupEvents _events;
    private readonly long _start;
    private long _offsetCount;

    public GroupRegistry(GroupCoordinatorOptions options, TimeProvider time, IGroupEvents events)
    {
        (_options, _time, _events) = (options, time, events);
        _start = time.GetTimestamp();
    }

    public int Count => _groups.Count;

    /// <summary>Committed offsets over all groups.</summary>
    public long OffsetCount => Interlocked.Read(ref _offsetCount);

    public IEnumerable<KeyValuePair<string, CoordinatedGroup>> All => _groups;

    public CoordinatedGroup? Find(string id) => _groups.GetValueOrDefault(id);

    /// <summary>Runs <paramref name="action"/> alone with a group that is there.</summary>
    public bool TryDo<TResult>(string id, Func<Group, TimeSpan, TResult> action, out TResult result)
    {
        result = default!;
        return Find(id) is { } group && group.Do(action, out result);
    }

    /// <summary>The group of this id, founded if need be; null when there are too many.</summary>
    public CoordinatedGroup? FindOrCreate(string id)
    {
        if (Find(id) is { } known)
            return known;
        if (_groups.Count >= _options.GroupsMax)
            DropIdle();
        return _groups.Count >= _options.GroupsMax ? null : Create(id);
    }

    /// <summary>Makes a durable change visible. Called by the journal's recovery and then by its writer alone, in the journal's order.</summary>
    public void Apply(OffsetChange change)
    {
        while (true)
        {
            var group = Find(change.Group) ?? (change is OffsetsCommitted ? Create(change.Group) : null);
            if (group is null)
                return;
            if (group.Do((g, _) => ApplyTo(group, change), out var added))
            {
                Interlocked.Add(ref _offsetCount, added);
                if (change is GroupDeleted)
                    Drop(change.Group, group);
                return;
            }
        }
    }

    private static int ApplyTo(CoordinatedGroup group, OffsetChange change)
    {
        var before = group.Offsets.Count;
        switch (change)
        {
            case OffsetsCommitted committed:
                foreach (var (of, offset) in committed.Offsets)
                    group.Offsets[of] = offset;
                break;
            case OffsetsDeleted deleted:
                foreach (var of in deleted.Partitions)
                    group.Offsets.Remove(of);
                break;
            case OffsetsExpired expired:
                foreach (var of in group.Offsets.Where(offset => offset.Value.CommittedAt <= expired.CommittedUntil).Select(offset => offset.Key).ToList())
                    group.Offsets.Remove(of);
                break;
            case GroupDeleted:
                group.Offsets.Clear();
                break;
        }

        return group.Offsets.Count - before;
    }

    /// <summary>All offsets, as changes to an empty state. Called by the journal's writer, between two changes.</summary>
    public IEnumerable<OffsetChange> Snapshot()
    {
        foreach (var (id, group) in _groups)
        {
            if (!group.Do((_, _) => group.Offsets.Select(o => (o.Key, o.Value)).ToArray(), out var offsets))
                continue;
            foreach (var chunk in offsets.Chunk(OffsetsPerEntry))
                yield return new OffsetsCommitted(id, chunk);
        }
    }

    /// <summary>The groups that have had no members for longer than their offsets' retention, as the changes that drop those.</summary>
    /// <remarks>
    /// A restart of the broker forgets when a group's members left; the time counts from the restart then, never from the last commit: a
    /// group that only paused over an update must find its offsets.
    /// </remarks>
    public IEnumerable<OffsetsExpired> ExpiredOffsets()
    {
        var deadline = _time.GetUtcNow() - _options.OffsetsRetention;
        var committedUntil = deadline.ToUnixTimeMilliseconds();
        foreach (var (id, group) in _groups)
        {
            if (group.Do((state, _) => IsExpired(state, group), out var isExpired) && isExpired)
                yield return new OffsetsExpired(id, committedUntil);
        }

        bool IsExpired(Group state, CoordinatedGroup group) =>
            state.State == GroupState.Empty && group.EmptySince <= deadline && group.Offsets.Values.Any(offset => offset.CommittedAt <= committedUntil);
    }

    /// <summary>Lets groups go that have neither members nor offsets.</summary>
    public void DropIdle()
    {
        foreach (var (id, group) in _groups)
            Drop(id, group);
    }

    /// <summary>Answers everybody who waits.</summary>
    public void Dispose()
    {
        foreach (var group in _groups.Values)
            group.Dispose();
    }

    private CoordinatedGroup Create(string id)
    {
        var created = new CoordinatedGroup(new Group(id, _options, _events), _time, _start);
        var winner = _groups.GetOrAdd(id, created);
        if (winner != created)
            created.Dispose();
        return winner;
    }

    private void Drop(string id, CoordinatedGroup group)
    {
        if (group.RemoveIf(state => state.IsIdle && group.Offsets.Count == 0))
            _groups.TryRemove(new KeyValuePair<string, CoordinatedGroup>(id, group));
    }
}
