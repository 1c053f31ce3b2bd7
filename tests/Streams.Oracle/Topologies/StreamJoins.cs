namespace Streams.Oracle.Topologies;

/// <summary>Joins of a stream with a stream or a table.</summary>
internal static class StreamJoins
{
    private const string Windows = "before=5000 after=5000 grace=2000";
    private const string Table = "versioned= (history ms) caching=on";

    public static IEnumerable<TopologySpec> All =>
    [
        new("stream-stream-inner", Windows, "left and right: inner join, left+right → out",
            s => s.Sink(s.Stream("left").Join(s.Stream("right"), Texts.Join, s.JoinWindows(), Stored()), "out")),
        new("stream-stream-left", Windows, "left and right: left join, left+right → out",
            s => s.Sink(s.Stream("left").LeftJoin(s.Stream("right"), Texts.Join, s.JoinWindows(), Stored()), "out")),
        new("stream-stream-outer", Windows, "left and right: outer join, left+right → out",
            s => s.Sink(s.Stream("left").OuterJoin(s.Stream("right"), Texts.Join, s.JoinWindows(), Stored()), "out")),
        new("stream-stream-rekey", Windows, "left and right: selectKey to the value's prefix on both sides (two repartition topics), inner join → out", Rekeyed),
        new("stream-self-join", Windows, "in joined with itself, left+right → out (optimize=all: single store self join)", SelfJoin),
        new("stream-table-inner", $"{Table} grace= (stream buffer ms, needs versioned)", "stream, table: inner join, left+right → out", s => WithTable(s, left: false)),
        new("stream-table-left", $"{Table} grace= (stream buffer ms, needs versioned)", "stream, table: left join, left+right → out", s => WithTable(s, left: true)),
        new("stream-table-rekey", Table, "stream (re-keyed by value prefix: repartition), table: left join → out", TableRekeyed),
    ];

    private static StreamJoined<string, string, string> Stored() => StreamJoined.As<string, string, string>("join");

    private static Joined<string, string, string> Strings() => Joined.With(Serdes.String, Serdes.String, Serdes.String);

    private static KStream<string, string> ByPrefix(Scene s, string topic) =>
        s.Stream(topic, InputKind.Prefixed).SelectKey((_, v) => Texts.Before(v)!);

    private static void Rekeyed(Scene s)
    {
        var (left, right) = (ByPrefix(s, "left"), ByPrefix(s, "right"));
        s.Sink(left.Join(right, Texts.Join, s.JoinWindows(), new StreamJoined<string, string, string>().WithName("rekeyed")), "out");
    }

    private static void SelfJoin(Scene s)
    {
        var stream = s.Stream("in");
        s.Sink(stream.Join(stream, Texts.Join, s.JoinWindows()), "out");
    }

    private static void WithTable(Scene s, bool left)
    {
        var stream = s.Stream("stream");
        var table = s.Table("table", InputKind.Text, "table-store");
        var with = Strings();
        if (s.Options.Has("grace"))
            with = with.WithName("buffered").WithGracePeriod(s.Options.Ms("grace", 0));
        s.Sink(left ? stream.LeftJoin(table, Texts.Join, with) : stream.Join(table, Texts.Join, with), "out");
    }

    private static void TableRekeyed(Scene s)
    {
        var stream = ByPrefix(s, "stream");
        s.Sink(stream.LeftJoin(s.Table("table", InputKind.Text, "table-store"), Texts.Join, Strings()), "out");
    }
}
