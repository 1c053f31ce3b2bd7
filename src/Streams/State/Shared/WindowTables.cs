namespace Streams.State;

/// <summary>The rows of a window store in memory: one hash table per window start, the starts in order; as they are and as snapshots.</summary>
internal sealed class WindowTables<TKey, TStored>(IEqualityComparer<TKey>? equality)
{
    private CowSorted<WindowTable<TKey, TStored>, WindowTable<TKey, TStored>.ByStart> _windows = new();

    // Tables made before the last snapshot are its own, too.
    private int _snapshots;

    // Most puts and fetches ask for the same window again and again.
    private WindowTable<TKey, TStored> _last = WindowTable<TKey, TStored>.None;

    /// <summary>Rows in all windows.</summary>
    public long Count { get; private set; }

    /// <summary>The windows, to be read before the next change.</summary>
    public CowSorted<WindowTable<TKey, TStored>, WindowTable<TKey, TStored>.ByStart> Now => _windows;

    public CowMap<TKey, TStored>? Find(long start) => Look(start).Rows;

    public void Set(TKey key, long start, TStored value)
    {
        var window = Look(start);
        if (window.Rows is null || window.MadeIn != _snapshots)
        {
            window = new(start, window.Rows is null ? new(equality) : window.Rows.Fork(), _snapshots);
            _windows.Set(window);
            _last = window;
        }

        if (window.Rows!.Set(key, value) >= 0)
            Count++;
    }

    public void Remove(TKey key, long start)
    {
        var window = Look(start);
        if (window.Rows is null || !window.Rows.ContainsKey(key))
            return;

        Count--;
        if (window.Rows.Count == 1)
        {
            Drop(window);
            return;
        }

        if (window.MadeIn != _snapshots)
        {
            window = new(start, window.Rows.Fork(), _snapshots);
            _windows.Set(window);
            _last = window;
        }

        window.Rows!.Remove(key);
    }

    /// <summary>Drops whole windows that start before <paramref name="start"/>.</summary>
    public void DropBefore(long start)
    {
        while (_windows.TryGet(default, out var first) && first.Start < start)
        {
            Count -= first.Rows!.Count;
            Drop(first);
        }
    }

    public CowSorted<WindowTable<TKey, TStored>, WindowTable<TKey, TStored>.ByStart> Snapshot()
    {
        var snapshot = _windows;
        _windows = _windows.Fork();
        _snapshots++;
        return snapshot;
    }

    public void Clear()
    {
        _windows = new();
        _last = WindowTable<TKey, TStored>.None;
        Count = 0;
    }

    private WindowTable<TKey, TStored> Look(long start)
    {
        if (start == _last.Start && _last.Rows is not null)
            return _last;
        if (!_windows.TryGet(_windows.FirstFrom(new(start, null, 0)), out var window) || window.Start != start)
            return WindowTable<TKey, TStored>.None;

        return _last = window;
    }

    private void Drop(WindowTable<TKey, TStored> window)
    {
        if (window.Start == _last.Start)
            _last = WindowTable<TKey, TStored>.None;
        _windows.Remove(window);
    }
}

/// <summary>The rows of one window start.</summary>
/// <param name="Start">The start.</param>
/// <param name="Rows">The rows; null where there is no such window.</param>
/// <param name="MadeIn">How many snapshots of the store there were when the table began to be written.</param>
internal readonly record struct WindowTable<TKey, TStored>(long Start, CowMap<TKey, TStored>? Rows, int MadeIn)
{
    public static WindowTable<TKey, TStored> None => new(0, null, 0);

    public readonly struct ByStart : IComparer<WindowTable<TKey, TStored>>
    {
        public int Compare(WindowTable<TKey, TStored> x, WindowTable<TKey, TStored> y) => x.Start.CompareTo(y.Start);
    }
}
