namespace Streams.Oracle.Topologies;

/// <summary>Groups of a stream or of a table, without windows.</summary>
internal static class Aggregations
{
    private const string Options = "caching=on";

    public static IEnumerable<TopologySpec> All =>
    [
        new("count", Options, "in: groupByKey, count(store) → out", s => Count(s, s.Stream("in").GroupByKey())),
        new("select-key-count", Options, "in: selectKey to the value, groupByKey, count(store): through a repartition topic → out",
            s => Count(s, s.Stream("in").SelectKey((_, v) => v).GroupByKey())),
        new("group-by-count", Options, "in: groupBy value, Grouped name g, count(store) → out",
            s => Count(s, s.Stream("in").GroupBy((_, v) => v, Grouped.As<string, string>("g")))),
        new("word-count", Options, "in: flatMapValues split at commas, groupBy word, count(store) → out",
            s => Count(s, s.Stream("in", InputKind.List).FlatMapValues(Texts.Parts).GroupBy((_, v) => v))),
        new("multi-update-count", Options, "in: flatMapValues split at commas, groupByKey, count(store): several updates of a key in one step → out",
            s => Count(s, s.Stream("in", InputKind.List).FlatMapValues(Texts.Parts).GroupByKey())),
        new("reduce", Options, "in: groupByKey, reduce(store) old+new → out", s => Reduce(s, (old, value) => $"{old}+{value}")),
        new("reduce-delete", Options, "in: as reduce, but a value x… makes the reducer return null (a delete) → out",
            s => Reduce(s, (old, value) => Texts.IsX(value) ? null! : $"{old}+{value}")),
        new("aggregate", Options, "in: groupByKey, aggregate(store): sum of whole numbers from 0; what is no number gives null → out", Aggregate),
    ];

    private static void Count(Scene s, KGroupedStream<string, string> groups) =>
        s.Sink(groups.Count(s.KeyValue("store", Serdes.Int64)).ToStream(), "out");

    private static void Reduce(Scene s, Func<string, string, string> reducer) =>
        s.Sink(s.Stream("in").GroupByKey().Reduce(reducer, s.KeyValue("store", Serdes.String)).ToStream(), "out");

    private static void Aggregate(Scene s) =>
        s.Sink(
            s.Stream("in", InputKind.Number).GroupByKey()
                .Aggregate<long?>(() => 0, (_, v, sum) => Texts.IsNumber(v) ? sum + Texts.Number(v) : null, s.KeyValue<long?>("store", Serdes.Nullable(Serdes.Int64)))
                .ToStream(),
            "out");
}
