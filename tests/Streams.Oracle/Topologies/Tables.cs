namespace Streams.Oracle.Topologies;

/// <summary>Tables and what is made of one alone.</summary>
internal static class Tables
{
    public static IEnumerable<TopologySpec> All =>
    [
        new("to-table", "caching=on", "in: toTable(store), toStream → out",
            s => s.Sink(s.Stream("in").ToTable(s.KeyValue("store", Serdes.String)).ToStream(), "out")),
        new("to-table-rekey", "caching=on", "in: selectKey to the value's prefix, toTable(store) (repartition) → out",
            s => s.Sink(s.Stream("in", InputKind.Prefixed).SelectKey((_, v) => Texts.Before(v)!).ToTable(s.KeyValue("store", Serdes.String)).ToStream(), "out")),
        new("table-to-stream", "caching=on", "in (table, store): toStream → out", ToStream),
        new("table-plain", "", "in: a table without a store's name, toStream → out", Plain),
    ];

    private static void ToStream(Scene s)
    {
        s.Input("in");
        s.Sink(s.Builder.Table("in", null, s.KeyValue("store", Serdes.String)).ToStream(), "out");
    }

    private static void Plain(Scene s)
    {
        s.Input("in");
        s.Sink(s.Builder.Table<string, string>("in").ToStream(), "out");
    }
}
