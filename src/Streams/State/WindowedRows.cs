using System.Buffers.Binary;

namespace Streams.State;

/// <summary>Rows of a window or session store on their way to whoever lists them.</summary>
/// <param name="byEnd">Whether a row's time is its window's end, as of sessions, or its start.</param>
internal sealed class WindowedRows<TKey, TValue>(bool byEnd)
{
    private readonly List<Row> _rows = [];

    public void Add(OrderedKey<TKey> key, TimeWindow window, TValue value) => _rows.Add(new(key, window, value, _rows.Count));

    /// <summary>By time, then key; of sessions, then the latest start first: the order of Kafka Streams' stores in memory.</summary>
    public List<KeyValue<Windowed<TKey>, TValue>> ByTime()
    {
        _rows.Sort((x, y) =>
        {
            var order = Time(x).CompareTo(Time(y));
            if (order == 0)
                order = x.Key.Bytes.AsSpan().SequenceCompareTo(y.Key.Bytes);
            if (order == 0 && byEnd)
                order = y.Window.StartMs.CompareTo(x.Window.StartMs);
            return order == 0 ? x.Sequence.CompareTo(y.Sequence) : order;
        });
        return List();
    }

    /// <summary>By end, then start, then key: the order in which Kafka Streams' persistent stores find sessions that have closed.</summary>
    public List<KeyValue<Windowed<TKey>, TValue>> ByEndAndStart()
    {
        _rows.Sort((x, y) =>
        {
            var order = x.Window.EndMs.CompareTo(y.Window.EndMs);
            if (order == 0)
                order = x.Window.StartMs.CompareTo(y.Window.StartMs);
            return order == 0 ? x.Key.Bytes.AsSpan().SequenceCompareTo(y.Key.Bytes) : order;
        });
        return List();
    }

    /// <summary>By segment of time, then by the row's key with its times behind it, as bytes: the order of Kafka Streams' persistent stores.</summary>
    public List<KeyValue<Windowed<TKey>, TValue>> BySegment(long intervalMs)
    {
        foreach (ref var row in System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_rows))
            row = row with { Key = row.Key with { Bytes = StoreKey(row) } };
        _rows.Sort((x, y) =>
        {
            var order = (Time(x) / intervalMs).CompareTo(Time(y) / intervalMs);
            if (order == 0)
                order = x.Key.Bytes.AsSpan().SequenceCompareTo(y.Key.Bytes);
            return order == 0 ? x.Sequence.CompareTo(y.Sequence) : order;
        });
        return List();
    }

    private long Time(in Row row) => byEnd ? row.Window.EndMs : row.Window.StartMs;

    private byte[] StoreKey(in Row row)
    {
        var bytes = new byte[row.Key.Bytes.Length + (byEnd ? SessionKey.SuffixBytes : sizeof(long))];
        row.Key.Bytes.CopyTo(bytes, 0);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(row.Key.Bytes.Length), Time(row));
        if (byEnd)
            BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(row.Key.Bytes.Length + sizeof(long)), row.Window.StartMs);
        return bytes;
    }

    private List<KeyValue<Windowed<TKey>, TValue>> List()
    {
        var list = new List<KeyValue<Windowed<TKey>, TValue>>(_rows.Count);
        foreach (var row in _rows)
            list.Add(new(new(row.Key.Key, row.Window), row.Value));
        return list;
    }

    /// <param name="Key">The key.</param>
    /// <param name="Window">The window.</param>
    /// <param name="Value">The value.</param>
    /// <param name="Sequence">Keeps duplicates in their order.</param>
    private readonly record struct Row(OrderedKey<TKey> Key, TimeWindow Window, TValue Value, int Sequence);
}
