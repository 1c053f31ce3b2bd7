using System.Text.RegularExpressions;

namespace Streams.Oracle.Topologies;

/// <summary>Operators that keep nothing.</summary>
internal static class Stateless
{
    public static IEnumerable<TopologySpec> All =>
    [
        new("filter-map", "", "in: filter (not null, not x…), mapValues to upper case → out", FilterMap),
        new("filter-not", "", "in: filterNot (value starts with x) → out", s => s.Sink(s.Stream("in").FilterNot((_, v) => Texts.IsX(v)), "out")),
        new("map", "", "in: map, key and value change places → out", s => s.Sink(s.Stream("in").Map((k, v) => KeyValue.Pair(v, k)), "out")),
        new("map-values-with-key", "", "in: mapValues with key, `key:value` → out", MapValuesWithKey),
        new("flatmap-values", "", "in: flatMapValues, split at commas → out", FlatMapValues),
        new("flatmap", "", "in: flatMap, each part of the value becomes a key with the old key as value → out", FlatMap),
        new("branch", "default=on", "in: split: a… → out-a, b… → out-b, the rest → out-rest (default=off: dropped)", Branch),
        new("merge", "", "in1 and in2: merge → out", s => s.Sink(s.Stream("in1").Merge(s.Stream("in2")), "out")),
        new("select-key", "", "in: selectKey to the value → out", s => s.Sink(s.Stream("in").SelectKey((_, v) => v), "out")),
        new("peek-foreach", "", "in: peek (log), mapValues, → out, peek (log), foreach (log)", PeekForeach),
        new("named-nodes", "", "in: every operator named", NamedNodes),
        new("repartition", "partitions=3", "in: repartition with name rp and n partitions → out", Repartition),
        new("repartition-count", "", "in: selectKey, repartition(rp), groupByKey, count (one repartition only) → out", RepartitionCount),
        new("dynamic-topic", "", "in: topic chosen by value: a… → out-a, else out-b", DynamicTopic),
        new("value-timestamp", "invalid=fail/skip/partition", "in: timestamp taken from the value `ms:text`; without a number it is -1, handled as invalid says → out", ValueTimestamp),
        new("header-propagation", "", "in: process adds header seen=yes, → out-plain; groupBy value, count → out", HeaderPropagation),
        new("process-values", "", "in: processValues: value@timestamp/stream time → out",
            s => s.Sink(s.Stream("in").ProcessValues<string>(() => new WithTimes()), "out")),
        new("pattern-source", "", "topics matching in-[ab]: mapValues → out", PatternSource),
    ];

    private static void FilterMap(Scene s) =>
        s.Sink(s.Stream("in").Filter((_, v) => v is not null && !Texts.IsX(v)).MapValues(v => v.ToUpperInvariant()), "out");

    private static void MapValuesWithKey(Scene s) =>
        s.Sink(s.Stream("in").MapValues((k, v) => $"{Texts.OrNull(k)}:{Texts.OrNull(v)}"), "out");

    private static void FlatMapValues(Scene s) => s.Sink(s.Stream("in", InputKind.List).FlatMapValues(Texts.Parts), "out");

    private static void FlatMap(Scene s) =>
        s.Sink(s.Stream("in", InputKind.List).FlatMap((k, v) => Texts.Parts(v).Select(part => KeyValue.Pair(part, k))), "out");

    private static void Branch(Scene s)
    {
        var split = s.Stream("in").Split("split-")
            .Branch((_, v) => v is not null && v.StartsWith('a'), b => s.Sink(b, "out-a"))
            .Branch((_, v) => v is not null && v.StartsWith('b'), b => s.Sink(b, "out-b"));
        if (s.Options.On("default", true))
            split.DefaultBranch(b => s.Sink(b, "out-rest"));
        else
            split.NoDefaultBranch();
    }

    private static void PeekForeach(Scene s)
    {
        var mapped = s.Stream("in")
            .Peek((k, v) => s.WriteLog($"peek1 {Texts.OrNull(k)} {Texts.OrNull(v)}"))
            .MapValues(v => $"{Texts.OrNull(v)}!");
        s.Sink(mapped, "out");
        mapped
            .Peek((k, v) => s.WriteLog($"peek2 {Texts.OrNull(k)} {Texts.OrNull(v)}"))
            .Foreach((k, v) => s.WriteLog($"foreach {Texts.OrNull(k)} {Texts.OrNull(v)}"));
    }

    private static void NamedNodes(Scene s)
    {
        s.Input("in");
        s.Output("out", Serdes.String, Serdes.Int64);
        s.Builder.Stream("in", Consumed.As<string, string>("source"))
            .Filter((_, v) => v is not null, "filtered")
            .MapValues(v => v.ToUpperInvariant(), "mapped")
            .SelectKey((_, v) => v, "selected")
            .GroupByKey(Grouped.As<string, string>("grouped"))
            .Count(s.KeyValue("store", Serdes.Int64), "counted")
            .ToStream("streamed")
            .To("out", Produced.As<string, long>("sink"));
    }

    private static void Repartition(Scene s) =>
        s.Sink(
            s.Stream("in").Repartition(Repartitioned.As<string, string>("rp").WithNumberOfPartitions((int)s.Options.Number("partitions", 3))),
            "out");

    private static void RepartitionCount(Scene s) =>
        s.Sink(
            s.Stream("in").SelectKey((_, v) => v).Repartition(Repartitioned.As<string, string>("rp"))
                .GroupByKey().Count(s.KeyValue("store", Serdes.Int64)).ToStream(),
            "out");

    private static void HeaderPropagation(Scene s)
    {
        var marked = s.Stream("in", InputKind.Headers).Process(() => new Marker());
        s.Sink(marked, "out-plain");
        s.Sink(
            marked.Filter((_, v) => v is not null)
                .GroupBy((_, v) => v, Grouped.With(Serdes.String, Serdes.String))
                .Count(s.KeyValue("store", Serdes.Int64)).ToStream(),
            "out");
    }

    private static void PatternSource(Scene s)
    {
        s.Input("in-a");
        s.Input("in-b");
        s.Sink(s.Builder.Stream<string, string>(new Regex("in-[ab]")).MapValues(v => $"{Texts.OrNull(v)}!"), "out");
    }

    private static void DynamicTopic(Scene s)
    {
        s.Output("out-a", Serdes.String, Serdes.String);
        s.Output("out-b", Serdes.String, Serdes.String);
        s.Stream("in").To(new ByFirstLetter().Choose);
    }

    /// <summary>A description shows it by its name.</summary>
    private sealed class ByFirstLetter
    {
        public string Choose(string key, string? value, RecordContext context) => value?.StartsWith('a') == true ? "out-a" : "out-b";

        public override string ToString() => nameof(ByFirstLetter);
    }

    private static void ValueTimestamp(Scene s)
    {
        var invalid = s.Options.Choice("invalid", "fail", "skip", "partition") switch
        {
            "skip" => TimestampExtractor.LogAndSkipOnInvalidTimestamp,
            "partition" => TimestampExtractor.UsePartitionTimeOnInvalidTimestamp,
            _ => TimestampExtractor.FailOnInvalidTimestamp,
        };
        s.Input("in", InputKind.Timed);
        s.Sink(
            s.Builder.Stream("in", new Consumed<string, string>().WithTimestampExtractor((in record, partitionTime) =>
            {
                var time = Texts.Reference(record.Value) is { } digits && Texts.IsNumber(digits) ? Texts.Number(digits) : -1;
                return time >= 0 ? time : invalid.Extract(record.WithTimestamp(time), partitionTime);
            })),
            "out");
    }

    private sealed class Marker : Processor<string, string, string, string>
    {
        public override void Process(in Record<string, string> record) => Context.Forward(record.WithHeader("seen", "yes"u8.ToArray()));
    }

    private sealed class WithTimes : FixedKeyProcessor<string, string, string>
    {
        public override void Process(in FixedKeyRecord<string, string> record) =>
            Context.Forward(record.WithValue($"{Texts.OrNull(record.Value)}@{record.Timestamp}/{Context.StreamTime}"));
    }
}
