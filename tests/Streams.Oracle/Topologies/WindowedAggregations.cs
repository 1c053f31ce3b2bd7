namespace Streams.Oracle.Topologies;

/// <summary>Aggregations in windows of time.</summary>
internal static class WindowedAggregations
{
    private const string TimeOptions = "size=10000 advance=(size) grace=0 retention= caching=on";

    public static IEnumerable<TopologySpec> All =>
    [
        new("windowed-count", TimeOptions, "in: groupByKey, tumbling or hopping windows, count(store) → out", TimeCount),
        new("hopping-count", $"{TimeOptions}; advance=5000", "windowed-count with advance 5000", s =>
        {
            s.Options.Default("advance", "5000");
            TimeCount(s);
        }),
        new("windowed-reduce", TimeOptions, "in: windows, reduce(store) old+new → out", TimeReduce),
        new("windowed-aggregate", TimeOptions, "in: windows, aggregate(store) from [ adding value, → out", TimeAggregate),
    ];

    private static void TimeCount(Scene s) =>
        s.SinkWindowed(
            s.Stream("in").GroupByKey().WindowedBy(s.TimeWindows()).Count(s.Window("store", Serdes.Int64)).ToStream(), "out", Serdes.Int64);

    private static void TimeReduce(Scene s) =>
        s.SinkWindowed(
            s.Stream("in").GroupByKey().WindowedBy(s.TimeWindows())
                .Reduce((old, value) => $"{old}+{Texts.OrNull(value)}", s.Window("store", Serdes.String)).ToStream(),
            "out",
            Serdes.String);

    private static void TimeAggregate(Scene s) =>
        s.SinkWindowed(
            s.Stream("in").GroupByKey().WindowedBy(s.TimeWindows())
                .Aggregate(() => "[", (_, v, a) => $"{a}{Texts.OrNull(v)},", s.Window("store", Serdes.String)).ToStream(),
            "out",
            Serdes.String);
}
