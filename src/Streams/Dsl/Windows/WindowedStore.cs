using Streams.State;

namespace Streams.Dsl;

/// <summary>The store of a windowed aggregation: where it keeps its results, and the table that they are.</summary>
internal sealed class WindowedStore<TKey, TAggregate>
{
    private readonly Materialized<TKey, TAggregate> _materialized;
    private readonly string _name;
    private readonly ISerde<TAggregate> _values;

    private WindowedStore(string name, ISerde<TKey> keys, ISerde<TAggregate> values, Materialized<TKey, TAggregate> materialized) =>
        (_name, Keys, _values, _materialized) = (name, keys, values, materialized);

    public ISerde<TKey> Keys { get; }

    public static WindowedStore<TKey, TAggregate> For(
        DslGraph graph, string name, Materialized<TKey, TAggregate>? materialized, ISerde<TKey>? keySerde, ISerde<TAggregate>? valueSerde)
    {
        var where = $"the store '{name}'";
        var keys = graph.Serdes.Find(materialized?.KeySerde ?? keySerde, "keys", where, "Materialized.WithKeySerde");
        var values = graph.Serdes.Find(materialized?.ValueSerde ?? valueSerde, "values", where, "Materialized.WithValueSerde");
        return new(name, keys, values, materialized ?? new());
    }

    public StoreBuilder Of(Windows windows, EmitStrategy emit)
    {
        var final = emit == EmitStrategy.OnWindowClose;
        var retention = RetentionMs(windows);
        var kept = final && windows is SlidingWindows ? Math.Max(retention, UntilClosed(windows.RetentionMsMin)) : retention;
        var spec = new WindowStoreSpec<TKey, ValueAndTimestamp<TAggregate>>(
            _name, Keys, new TimestampedValue<TAggregate>(_values), kept, windows.SizeMs)
        {
            TimeOrdered = final,
            KeyIndexed = windows is SlidingWindows,
            ChangelogRetentionMs = retention,
            SegmentIntervalMs = Segments.Interval(retention),
        };
        return Apply(Stores.TimestampedWindowOf(spec), cached: !final || windows is not SlidingWindows);
    }

    public StoreBuilder Of(SessionWindows windows, EmitStrategy emit)
    {
        var final = emit == EmitStrategy.OnWindowClose;
        var retention = RetentionMs(windows);
        var kept = final ? Math.Max(retention, UntilClosed(windows.GapMs + windows.GraceMs)) : retention;
        var spec = new SessionStoreSpec<TKey, TAggregate>(_name, Keys, new PlainValue<TAggregate>(_values), kept)
        {
            TimeOrdered = final,
            ChangelogRetentionMs = retention,
            SegmentIntervalMs = Segments.Interval(retention),
        };
        return Apply(Stores.SessionOf(spec), cached: !final);
    }

    /// <summary>How long windows are kept, in milliseconds.</summary>
    /// <exception cref="TopologyException">What was asked for is too short.</exception>
    public long RetentionMs(Windows windows) => RetentionMs(windows.RetentionMsMin, windows.RetentionRule);

    /// <inheritdoc cref="RetentionMs(Windows)"/>
    public long RetentionMs(SessionWindows windows) => RetentionMs(windows.GapMs + windows.GraceMs, "inactivity gap plus grace");

    public KTable<Windowed<TKey>, TAggregate> Table(
        DslGraph graph, GraphNode node, TableSource<Windowed<TKey>, TAggregate> source, ISerde<Windowed<TKey>> keys, SourceSet sources) =>
        new(graph, node, source, keys, _values, sources, _materialized.StoreName);

    // A window whose end belongs to it is still open when the store drops it, were it not kept for this millisecond more.
    private static long UntilClosed(long least) => least + 1;

    private long RetentionMs(long least, string rule)
    {
        if (_materialized.Retention is not { } retention)
            return least;
        if (retention.TotalMilliseconds < least)
        {
            throw new TopologyException(
                $"Store '{_name}' would drop windows that still take records: its retention ({retention}) is below {rule} ({least} ms). " +
                "Raise it with Materialized.WithRetention, or leave it out.");
        }

        return (long)retention.TotalMilliseconds;
    }

    // Final results of windows whose ends depend on their records are not cached, as in Kafka Streams.
    private StoreBuilder Apply(StoreBuilder store, bool cached)
    {
        store = _materialized.Apply(store);
        return cached ? store : store.WithCachingDisabled();
    }
}
