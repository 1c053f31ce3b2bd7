using System.Diagnostics.CodeAnalysis;

namespace Streams.State;

/// <summary>One key's sessions, by end and then start: a handful, so kept in a sorted array.</summary>
/// <param name="descendingStarts">Whether of sessions with the same end the one that starts last comes first, as in Kafka Streams' stores in memory.</param>
/// <param name="madeIn">How many snapshots of the store there were when the list was made: it is written only until the next.</param>
internal sealed class SessionList<TAggregate>(bool descendingStarts, int madeIn)
{
    private (TimeWindow Window, TAggregate Aggregate)[] _sessions = new (TimeWindow, TAggregate)[1];

    public int Count { get; private set; }

    public int MadeIn => madeIn;

    /// <summary>The list to write from now on; this one stays as it is.</summary>
    public SessionList<TAggregate> Copy(int madeIn) => new(descendingStarts, madeIn) { Count = Count, _sessions = [.. _sessions] };

    public TimeWindow Window(int i) => _sessions[i].Window;

    public TAggregate Aggregate(int i) => _sessions[i].Aggregate;

    public bool TryGet(TimeWindow window, [MaybeNullWhen(false)] out TAggregate aggregate)
    {
        var at = Find(window, out var found);
        aggregate = found ? _sessions[at].Aggregate : default;
        return found;
    }

    /// <summary>Sets a session's aggregate.</summary>
    /// <returns>Whether it is a new session.</returns>
    public bool Set(TimeWindow window, TAggregate aggregate)
    {
        var at = Find(window, out var found);
        if (!found)
        {
            if (Count == _sessions.Length)
                Array.Resize(ref _sessions, Count * 2);
            Array.Copy(_sessions, at, _sessions, at + 1, Count - at);
            Count++;
        }

        _sessions[at] = (window, aggregate);
        return !found;
    }

    public bool Remove(TimeWindow window)
    {
        var at = Find(window, out var found);
        if (!found)
            return false;

        Array.Copy(_sessions, at + 1, _sessions, at, --Count - at);
        _sessions[Count] = default;
        return true;
    }

    public void RemoveFirst(int expired)
    {
        Array.Copy(_sessions, expired, _sessions, 0, Count - expired);
        Array.Clear(_sessions, Count - expired, expired);
        Count -= expired;
    }

    /// <summary>The first session that ends at <paramref name="end"/> or later.</summary>
    public int FirstEndingAt(long end)
    {
        // Looked for from the latest: most ask for what is about now.
        var i = Count;
        while (i > 0 && _sessions[i - 1].Window.EndMs >= end)
            i--;
        return i;
    }

    private int Find(TimeWindow window, out bool found)
    {
        var i = FirstEndingAt(window.EndMs);
        while (i < Count && _sessions[i].Window.EndMs == window.EndMs
            && (descendingStarts ? _sessions[i].Window.StartMs > window.StartMs : _sessions[i].Window.StartMs < window.StartMs))
        {
            i++;
        }

        found = i < Count && _sessions[i].Window == window;
        return i;
    }
}
