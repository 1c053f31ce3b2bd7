namespace Streams.Oracle.Topologies;

/// <summary>Tables whose changes are held back.</summary>
internal static class Suppressions
{
    private const string Bounds = "maxRecords= maxBytes=";

    public static IEnumerable<TopologySpec> All =>
    [
        new("suppress-window", $"size=10000 advance=(size) grace=0 retention= caching=on {Bounds}", "in: windows, count(store), suppress until the window closes → out",
            s => s.SinkWindowed(
                s.Stream("in").GroupByKey().WindowedBy(s.TimeWindows()).Count(s.Window("store", Serdes.Int64)).Suppress(UntilClose(s)).ToStream(), "out", Serdes.Int64)),
        new("suppress-sliding", $"size=10000 (the time difference) grace=0 retention= caching=on {Bounds}", "in: sliding windows, count(store), suppress until the window closes → out",
            s => s.SinkWindowed(
                s.Stream("in").GroupByKey().WindowedBy(s.SlidingWindows()).Count(s.Window("store", Serdes.Int64)).Suppress(UntilClose(s)).ToStream(), "out", Serdes.Int64)),
        new("suppress-session", $"gap=10000 grace=0 retention= caching=on {Bounds}", "in: session windows, count(store), suppress until the window closes → out",
            s => s.SinkSession(
                s.Stream("in").GroupByKey().WindowedBy(s.SessionWindows()).Count(s.Session("store", Serdes.Int64)).Suppress(UntilClose(s)).ToStream(), "out", Serdes.Int64)),
        new("suppress-time-limit", $"limit=10000 {Bounds} caching=on", "in: groupByKey, count(store), suppress until limit of stream time passed; bounds emit early → out",
            s => s.Sink(s.Stream("in").GroupByKey().Count(s.KeyValue("store", Serdes.Int64)).Suppress(TimeLimit(s)).ToStream(), "out")),
        new("suppress-table", $"limit=10000 {Bounds} versioned= caching=on", "in (table): suppress until limit, tombstones included → out",
            s => s.Sink(s.Table("in", InputKind.Text, "store").Suppress(TimeLimit(s)).ToStream(), "out")),
    ];

    private static EagerBufferConfig Bounded(Scene s) =>
        BufferConfig.MaxRecords(s.Options.Number("maxRecords", long.MaxValue)).WithMaxBytes(s.Options.Number("maxBytes", long.MaxValue));

    private static Suppressed UntilClose(Scene s)
    {
        var bounded = s.Options.Has("maxRecords") | s.Options.Has("maxBytes");
        return Suppressed.UntilWindowCloses(bounded ? Bounded(s).ShutDownWhenFull() : BufferConfig.Unbounded());
    }

    private static Suppressed TimeLimit(Scene s) => Suppressed.UntilTimeLimit(s.Options.Ms("limit", 10_000), Bounded(s).EmitEarlyWhenFull());
}
