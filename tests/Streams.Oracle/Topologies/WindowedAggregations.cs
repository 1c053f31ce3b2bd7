namespace Streams.Oracle.Topologies;

/// <summary>Aggregations in windows of time.</summary>
internal static class WindowedAggregations
{
    private const string SlidingOptions = "size=10000 (the time difference) grace=0 retention= caching=on";
    private const string SessionOptions = "gap=10000 grace=0 retention= caching=on";
    private const string TimeOptions = "size=10000 advance=(size) grace=0 retention= caching=on";

    public static IEnumerable<TopologySpec> All =>
    [
        new("windowed-count", TimeOptions, "in: groupByKey, tumbling or hopping windows, count(store) → out", s => TimeCount(s, "update")),
        new("hopping-count", $"{TimeOptions}; advance=5000", "windowed-count with advance 5000", s =>
        {
            s.Options.Default("advance", "5000");
            TimeCount(s, "update");
        }),
        new("windowed-reduce", TimeOptions, "in: windows, reduce(store) old+new → out", TimeReduce),
        new("windowed-aggregate", TimeOptions, "in: windows, aggregate(store) from [ adding value, → out", TimeAggregate),
        new("sliding-count", SlidingOptions, "in: sliding windows, count(store) → out", s => SlidingCount(s, "update")),
        new("sliding-aggregate", SlidingOptions, "in: sliding windows, aggregate(store) from [ adding value, → out", SlidingAggregate),
        new("session-count", SessionOptions, "in: session windows, count(store) → out", s => SessionCount(s, "update")),
        new("session-reduce", SessionOptions, "in: session windows, reduce(store) old+new → out", SessionReduce),
        new("session-aggregate", SessionOptions, "in: session windows, aggregate(store) from [ adding value, merging a&b → out", SessionAggregate),
        new("unlimited-count", "start=0 caching=on", "in: unlimited windows from start, count(store) → out", UnlimitedCount),
        new("emit-close-tumbling", $"{TimeOptions} emit=close", "windowed-count that emits on window close", s => TimeCount(s, "close")),
        new("emit-close-hopping", $"{TimeOptions} emit=close; advance=5000", "the same with advance 5000", s =>
        {
            s.Options.Default("advance", "5000");
            TimeCount(s, "close");
        }),
        new("emit-close-sliding", $"{SlidingOptions} emit=close", "sliding-count that emits on window close", s => SlidingCount(s, "close")),
        new("emit-close-session", $"{SessionOptions} emit=close", "session-count that emits on window close", s => SessionCount(s, "close")),
    ];

    private static void TimeCount(Scene s, string emit) =>
        s.SinkWindowed(
            s.Stream("in").GroupByKey().WindowedBy(s.TimeWindows()).EmitStrategy(s.Emit(emit)).Count(s.Window("store", Serdes.Int64)).ToStream(), "out", Serdes.Int64);

    private static void TimeReduce(Scene s) =>
        s.SinkWindowed(
            s.Stream("in").GroupByKey().WindowedBy(s.TimeWindows())
                .Reduce((old, value) => $"{old}+{Texts.OrNull(value)}", s.Window("store", Serdes.String)).ToStream(),
            "out",
            Serdes.String);

    private static void TimeAggregate(Scene s) =>
        s.SinkWindowed(
            s.Stream("in").GroupByKey().WindowedBy(s.TimeWindows()).EmitStrategy(s.Emit("update"))
                .Aggregate(() => "[", (_, v, a) => $"{a}{Texts.OrNull(v)},", s.Window("store", Serdes.String)).ToStream(),
            "out",
            Serdes.String);

    private static void SlidingCount(Scene s, string emit) =>
        s.SinkWindowed(
            s.Stream("in").GroupByKey().WindowedBy(s.SlidingWindows()).EmitStrategy(s.Emit(emit)).Count(s.Window("store", Serdes.Int64)).ToStream(),
            "out",
            Serdes.Int64);

    private static void SlidingAggregate(Scene s) =>
        s.SinkWindowed(
            s.Stream("in").GroupByKey().WindowedBy(s.SlidingWindows()).EmitStrategy(s.Emit("update"))
                .Aggregate(() => "[", (_, v, a) => $"{a}{Texts.OrNull(v)},", s.Window("store", Serdes.String)).ToStream(),
            "out",
            Serdes.String);

    private static void SessionCount(Scene s, string emit) =>
        s.SinkSession(
            s.Stream("in").GroupByKey().WindowedBy(s.SessionWindows()).EmitStrategy(s.Emit(emit)).Count(s.Session("store", Serdes.Int64)).ToStream(),
            "out",
            Serdes.Int64);

    private static void SessionReduce(Scene s) =>
        s.SinkSession(
            s.Stream("in").GroupByKey().WindowedBy(s.SessionWindows())
                .Reduce((old, value) => $"{old}+{Texts.OrNull(value)}", s.Session("store", Serdes.String)).ToStream(),
            "out",
            Serdes.String);

    private static void SessionAggregate(Scene s) =>
        s.SinkSession(
            s.Stream("in").GroupByKey().WindowedBy(s.SessionWindows()).EmitStrategy(s.Emit("update"))
                .Aggregate(() => "[", (_, v, a) => $"{a}{Texts.OrNull(v)},", (_, a, b) => $"{a}&{b}", s.Session("store", Serdes.String)).ToStream(),
            "out",
            Serdes.String);

    private static void UnlimitedCount(Scene s)
    {
        var windows = UnlimitedWindows.Of().StartOn(DateTimeOffset.FromUnixTimeMilliseconds(s.Options.Number("start", 0)));
        s.SinkWindowed(
            s.Stream("in").GroupByKey().WindowedBy(windows).Count(s.Window("store", Serdes.Int64)).ToStream(), "out", Serdes.Int64, TimeSpan.MaxValue);
    }
}
