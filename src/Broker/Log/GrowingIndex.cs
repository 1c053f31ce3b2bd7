namespace Broker.Log;

/// <summary>The index of a segment that is still written, in memory. One writer, any readers.</summary>
internal sealed class GrowingIndex : ISegmentIndex
{
    /// <summary>Bytes of log between two entries, at least. Kafka's <c>index.interval.bytes</c>.</summary>
    public const int IntervalBytes = 4096;

    private readonly Lock _gate = new();
    private readonly List<IndexEntry> _entries;
    private int _nextAt;

    public GrowingIndex()
        : this([])
    {
    }

    /// <summary>Goes on where <paramref name="entries"/> end.</summary>
    public GrowingIndex(IReadOnlyCollection<IndexEntry> entries)
    {
        _entries = [.. entries];
        _nextAt = _entries.Count == 0 ? 0 : _entries[^1].Position + IntervalBytes;
    }

    public int Count
    {
        get
        {
            lock (_gate)
                return _entries.Count;
        }
    }

    public IndexEntry this[int position]
    {
        get
        {
            lock (_gate)
                return _entries[position];
        }
    }

    /// <summary>Notes a batch if the last noted one is far enough behind.</summary>
    public void Note(int relativeOffset, int position, long maxTimestampBefore)
    {
        if (position < _nextAt)
            return;
        lock (_gate)
            _entries.Add(new(relativeOffset, position, maxTimestampBefore));
        _nextAt = position + IntervalBytes;
    }

    public IndexEntry[] ToArray()
    {
        lock (_gate)
            return [.. _entries];
    }
}
