namespace Streams.Oracle.Topologies;

/// <summary>Tables and what is made of one alone.</summary>
internal static class Tables
{
    private const string Options = "versioned= (history ms) caching=on";

    public static IEnumerable<TopologySpec> All =>
    [
        new("to-table", "caching=on", "in: toTable(store), toStream → out",
            s => s.Sink(s.Stream("in").ToTable(s.KeyValue("store", Serdes.String)).ToStream(), "out")),
        new("to-table-rekey", "caching=on", "in: selectKey to the value's prefix, toTable(store) (repartition) → out",
            s => s.Sink(s.Stream("in", InputKind.Prefixed).SelectKey((_, v) => Texts.Before(v)!).ToTable(s.KeyValue("store", Serdes.String)).ToStream(), "out")),
        new("table-to-stream", Options, "in (table, store): toStream → out",
            s => s.Sink(s.Table("in", InputKind.Text, "store").ToStream(), "out")),
        new("table-to-stream-key", Options, "in (table, store): toStream with a key mapper key/value → out",
            s => s.Sink(s.Table("in", InputKind.Text, "store").ToStream((k, v) => $"{k}/{Texts.OrNull(v)}"), "out")),
        new("table-aggregate", Options, "in (table, `group:number`): groupBy group, aggregate(store) adder + subtractor - → out",
            s => s.Sink(
                Groups(s).Aggregate(
                    () => 0L, (_, v, sum) => sum + Texts.Number(v), (_, v, sum) => sum - Texts.Number(v), s.KeyValue("store", Serdes.Int64)).ToStream(),
                "out")),
        new("table-count", Options, "in (table, `group:number`): groupBy group, count(store) → out",
            s => s.Sink(Groups(s).Count(s.KeyValue("store", Serdes.Int64)).ToStream(), "out")),
        new("table-reduce", Options, "in (table, `group:text`): groupBy group, reduce(store) adder a+b, subtractor a-b → out",
            s => s.Sink(Groups(s).Reduce((a, b) => $"{a}+{b}", (a, b) => $"{a}-{b}", s.KeyValue("store", Serdes.String)).ToStream(), "out")),
        new("table-filter", $"{Options} materialized=off", "in (table): filter not x… (filtered) → out",
            s => s.Sink(s.Table("in", InputKind.Text, "in-store").Filter((_, v) => !v.StartsWith('x'), Kept(s, "filtered")).ToStream(), "out")),
        new("table-filter-not", $"{Options} materialized=off", "in (table): filterNot x… (filtered) → out",
            s => s.Sink(s.Table("in", InputKind.Text, "in-store").FilterNot((_, v) => v.StartsWith('x'), Kept(s, "filtered")).ToStream(), "out")),
        new("table-map-values", $"{Options} materialized=off", "in (table): mapValues to upper case (mapped) → out",
            s => s.Sink(
                s.Table("in", InputKind.Text, "in-store").MapValues(v => v is null || Texts.IsX(v) ? null! : Texts.Upper(v)!, Kept(s, "mapped")).ToStream(),
                "out")),
        new("table-transform-values", $"{Options} materialized=off", "in (table): transformValues key=value#n, n a count kept in a store → out", TransformValues),
        new("table-plain", "", "in: a table without a store's name, toStream → out", Plain),
    ];

    private static Materialized<string, string>? Kept(Scene s, string name) =>
        s.Options.On("materialized", false) ? s.KeyValue(name, Serdes.String) : null;

    private static KGroupedTable<string, string> Groups(Scene s) =>
        s.Table("in", InputKind.Grouped, "in-store").GroupBy((_, v) => KeyValue.Pair(Texts.Before(v)!, Texts.After(v)));

    private static void TransformValues(Scene s)
    {
        var table = s.Table("in", InputKind.Text, "in-store");
        s.Builder.AddStateStore(s.PlainKeyValue<long?>("counts", Serdes.Nullable(Serdes.Int64)));
        s.Sink(table.TransformValues(() => new Counter(), Kept(s, "transformed"), stores: ["counts"]).ToStream(), "out");
    }

    private static void Plain(Scene s)
    {
        s.Input("in");
        s.Sink(s.Builder.Table<string, string>("in").ToStream(), "out");
    }

    private sealed class Counter : ValueTransformer<string, string, string>
    {
        private IKeyValueStore<string, long?> _store = null!;

        public override void Init() => _store = Context.GetStateStore<IKeyValueStore<string, long?>>("counts");

        public override string? Transform(string key, string? value)
        {
            var n = (_store.Get(key) ?? 0) + 1;
            _store.Put(key, n);
            return value is null ? null : $"{key}={value}#{n}";
        }
    }
}
