namespace Streams.Oracle.Topologies;

/// <summary>Two streams aggregated into one value.</summary>
internal static class Cogroups
{
    public static IEnumerable<TopologySpec> All =>
    [
        new("cogroup", "caching=on", "in1 and in2: cogroup, aggregate(store) adding 1:value, or 2:value, → out",
            s => s.Sink(Both(s).Aggregate(() => "[", s.KeyValue("store", Serdes.String)).ToStream(), "out")),
        new("cogroup-windowed", "size=10000 advance=(size) grace=0 retention= caching=on", "the same in tumbling or hopping windows",
            s => s.SinkWindowed(
                Both(s).WindowedBy(s.TimeWindows()).Aggregate(() => "[", s.Window("store", Serdes.String)).ToStream(), "out", Serdes.String)),
        new("cogroup-sliding", "size=10000 (the time difference) grace=0 retention= caching=on", "the same in sliding windows",
            s => s.SinkWindowed(
                Both(s).WindowedBy(s.SlidingWindows()).Aggregate(() => "[", s.Window("store", Serdes.String)).ToStream(), "out", Serdes.String)),
        new("cogroup-session", "gap=10000 grace=0 retention= caching=on", "the same in session windows, merging x&y",
            s => s.SinkSession(
                Both(s).WindowedBy(s.SessionWindows()).Aggregate(() => "[", (_, x, y) => $"{x}&{y}", s.Session("store", Serdes.String)).ToStream(),
                "out",
                Serdes.String)),
    ];

    private static CogroupedKStream<string, string> Both(Scene s)
    {
        var (one, two) = (s.Stream("in1").GroupByKey(), s.Stream("in2").GroupByKey());
        return one.Cogroup<string>((_, v, a) => $"{a}1:{Texts.OrNull(v)},").Cogroup(two, (_, v, a) => $"{a}2:{Texts.OrNull(v)},");
    }
}
