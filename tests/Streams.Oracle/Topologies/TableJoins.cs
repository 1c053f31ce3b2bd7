namespace Streams.Oracle.Topologies;

/// <summary>Joins of tables, on the same key and on a key in the value, and with a table that every instance has in full.</summary>
internal static class TableJoins
{
    private const string Options = "versioned= (history ms) caching=on materialized=on";

    public static IEnumerable<TopologySpec> All =>
    [
        new("table-table-inner", Options, "left and right tables: inner join, left+right → out", s => Join(s, (a, b, m) => a.Join(b, Texts.Join, m))),
        new("table-table-left", Options, "left and right tables: left join, left+right → out", s => Join(s, (a, b, m) => a.LeftJoin(b, Texts.Join, m))),
        new("table-table-outer", Options, "left and right tables: outer join, left+right → out", s => Join(s, (a, b, m) => a.OuterJoin(b, Texts.Join, m))),
        new("table-table-chain", "versioned= (history ms) caching=on", "a, b, c tables: a leftJoin b, outerJoin c → out", Chain),
        new("foreign-key-inner", Options, "left table (`fk:text`; no colon: no foreign key), right table by fk: inner join, left+right → out",
            s => ForeignKey(s, (a, b, with, m) => a.Join(b, Texts.Reference, Texts.Join, with, m))),
        new("foreign-key-left", Options, "left table (`fk:text`; no colon: no foreign key), right table by fk: left join, left+right → out",
            s => ForeignKey(s, (a, b, with, m) => a.LeftJoin(b, Texts.Reference, Texts.Join, with, m))),
        new("global-table-inner", "", "stream (`gk:text`; no colon: no global key), global: inner join by gk, left+right → out",
            s => Global(s, (a, b) => a.Join(b, (_, v) => Texts.Reference(v), Texts.Join))),
        new("global-table-left", "", "stream (`gk:text`; no colon: no global key), global: left join by gk, left+right → out",
            s => Global(s, (a, b) => a.LeftJoin(b, (_, v) => Texts.Reference(v), Texts.Join))),
    ];

    private static void Join(
        Scene s, Func<KTable<string, string>, KTable<string, string>, Materialized<string, string>?, KTable<string, string>> join)
    {
        var (left, right) = (s.Table("left", InputKind.Text, "left-store"), s.Table("right", InputKind.Text, "right-store"));
        s.Sink(join(left, right, s.Options.On("materialized", true) ? s.KeyValue("joined", Serdes.String) : null).ToStream(), "out");
    }

    private static void Chain(Scene s)
    {
        var (a, b, c) = (s.Table("a", InputKind.Text, "a-store"), s.Table("b", InputKind.Text, "b-store"), s.Table("c", InputKind.Text, "c-store"));
        s.Sink(a.LeftJoin(b, Texts.Join).OuterJoin(c, Texts.Join).ToStream(), "out");
    }

    private static void ForeignKey(
        Scene s,
        Func<KTable<string, string>, KTable<string, string>, TableJoined<string, string>, Materialized<string, string>, KTable<string, string>> join)
    {
        var (left, right) = (s.Table("left", InputKind.Foreign, "left-store"), s.Table("right", InputKind.Text, "right-store"));
        var result = s.Options.On("materialized", true)
            ? s.KeyValue("joined", Serdes.String)
            : Materialized.With(Serdes.String, Serdes.String);
        s.Sink(join(left, right, TableJoined.As<string, string>("fk"), result).ToStream(), "out");
    }

    private static void Global(Scene s, Func<KStream<string, string>, GlobalKTable<string, string>, KStream<string, string>> join)
    {
        var stream = s.Stream("stream", InputKind.Foreign);
        s.Input("global");
        s.Sink(join(stream, s.Builder.GlobalTable("global", null, s.KeyValue("global-store", Serdes.String))), "out");
    }
}
