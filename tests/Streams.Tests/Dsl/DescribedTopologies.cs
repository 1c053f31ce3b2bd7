using System.Text.RegularExpressions;

namespace Streams.Tests.Dsl;

/// <summary>Topologies whose descriptions Apache Kafka Streams 4.3.0 gave, without and with its optimiser: they lie in the folder Descriptions.</summary>
internal static class DescribedTopologies
{
    public static IReadOnlyDictionary<string, Action<StreamBuilder>> All { get; } = new Dictionary<string, Action<StreamBuilder>>
    {
        ["aggregations-of-one-key"] = b =>
        {
            var keyed = Keyed(b, "in");
            keyed.GroupByKey().Count(Counts("a"));
            keyed.Filter((_, _) => true).GroupByKey().Reduce((_, v) => v, Texts("b")).ToStream().To("out");
            keyed.GroupByKey().Count();
        },
        ["aggregations-of-a-merge"] = b =>
        {
            var merged = Keyed(b, "in1").Merge(b.Stream<string, string>("in2").Map((k, v) => KeyValue.Pair(v, k)));
            merged.GroupByKey().Count(Counts("a")).ToStream().To("out-a");
            merged.Filter((_, _) => true).GroupByKey().Reduce((_, v) => v, Texts("b")).ToStream().To("out");
        },
        ["aggregation-and-join"] = b =>
        {
            var (keyed, other) = (Keyed(b, "in1"), b.Stream<string, string>("in2"));
            keyed.GroupByKey().Count(Counts("a"));
            keyed.Join(other, Both, Windows).To("out");
        },
        ["aggregations-and-left-join"] = b =>
        {
            var (keyed, other) = (Keyed(b, "in1"), Keyed(b, "in2"));
            keyed.GroupByKey().Count(Counts("a"));
            other.Filter((_, _) => true).GroupByKey().Count(Counts("c"));
            keyed.LeftJoin(other, Both, Windows, StreamJoined.As<string, string, string>("store").WithName("j")).To("out");
        },
        ["values-changed-before-one"] = b =>
        {
            var keyed = Keyed(b, "in");
            keyed.MapValues(v => v).GroupByKey().Count(Counts("a"));
            keyed.GroupByKey().Count(Counts("b"));
            keyed.Peek((_, _) => { }).GroupByKey().Count(Counts("c"));
        },
        ["self-join-by-another-key"] = b =>
        {
            var keyed = Keyed(b, "in");
            keyed.Join(keyed, Both, Windows).To("out");
        },
        ["left-self-join"] = b =>
        {
            var stream = b.Stream<string, string>("in");
            stream.LeftJoin(stream, Both, Windows).To("out");
        },
        ["outer-join-of-one-topic"] = b => b.Stream<string, string>("in")
            .OuterJoin(b.Stream<string, string>("in"), Both, Windows, StreamJoined.As<string, string, string>("st").WithName("jn"))
            .To("out"),
        ["join-with-its-own-filter"] = b =>
        {
            var stream = b.Stream<string, string>("in");
            stream.Join(stream.Filter((_, _) => true), Both, Windows).To("out");
        },
        ["self-join-joined-again"] = b =>
        {
            var stream = b.Stream<string, string>("in");
            stream.Join(stream, Both, Windows).Join(stream, Both, Windows).To("out");
        },
        ["named-topics"] = b =>
        {
            var keyed = Keyed(b, "in");
            keyed.GroupByKey(Grouped.As<string, string>("g")).Count(Counts("a"));
            keyed.GroupByKey(Grouped.As<string, string>("h")).Count(Counts("b"));
            keyed.Repartition(Repartitioned.As<string, string>("rp")).GroupByKey().Count(Counts("c"));
            keyed.ToTable(Texts("t"), "tt").ToStream().To("out");
        },
        ["tables"] = b =>
        {
            b.Table("in", null, Texts("store")).ToStream().To("out");
            b.Table<string, string>("in2").Filter((_, _) => true).GroupBy((_, v) => KeyValue.Pair(v, v)).Count().ToStream().To("o2");
        },
        ["everything-named"] = EverythingNamed,
        ["stores-without-names"] = StoresWithoutNames,
        ["branches"] = Branches,
        ["keys-changed-twice"] = b =>
        {
            var once = Keyed(b, "in");
            var twice = once.Map((_, v) => KeyValue.Pair(v, v));
            once.GroupByKey().Count(Counts("a"));
            twice.GroupByKey().Count(Counts("b"));
            twice.Filter((_, _) => true).GroupByKey().Count(Counts("c"));
            once.Filter((_, _) => true).GroupByKey().Count(Counts("d"));
        },
        ["joins-with-a-table"] = b =>
        {
            var (keyed, table) = (Keyed(b, "in1"), b.Table<string, string>("t"));
            keyed.LeftJoin(table, Both).To("o1");
            keyed.GroupByKey().Count(Counts("a"));
            keyed.Join(table, Both, new Joined<string, string, string>().WithName("jj")).To("o2");
        },
        ["global-tables"] = b =>
        {
            b.GlobalTable<string, string>("g1");
            b.GlobalTable("g2", Consumed.As<string, string>("gt"), Texts("gs"));
            b.Stream<string, string>("in").LeftJoin(b.GlobalTable<string, string>("g3"), (_, v) => v, (x, _) => x, "glj").To("out");
        },
        ["pattern"] = b => b.Stream(new Regex("in-.*"), Consumed.As<string, string>("src")).Process(() => new Silent<string>()).GroupByKey().Count(),
    };

    private static JoinWindows Windows => JoinWindows.OfTimeDifferenceAndGrace(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(2));

    private static string Both(string? left, string? right) => $"{left}+{right}";

    private static Materialized<string, long> Counts(string store) => Materialized.As<string, long>(store);

    private static Materialized<string, string> Texts(string store) => Materialized.As<string, string>(store);

    private static KStream<string, string> Keyed(StreamBuilder builder, string topic) => builder.Stream<string, string>(topic).SelectKey((_, v) => v);

    // That of Kafka Streams' own test of its optimiser.
    private static void EverythingNamed(StreamBuilder b)
    {
        var mapped = b.Stream("input", Consumed.As<string, string>("sourceStream")).Map((k, v) => KeyValue.Pair(k, v), "source-map");
        mapped.Filter((_, _) => true, "process-filter").MapValues(v => v, "process-mapValues").Process(() => new Silent<Nothing>(), "process");
        var counted = mapped.GroupByKey(Grouped.As<string, string>("count-groupByKey")).Count(Counts("count-store"), "count").ToStream("count-toStream");
        counted.To("count", Produced.As<string, long>("count-to"));
        mapped.GroupByKey(Grouped.As<string, string>("aggregate-groupByKey"))
            .Aggregate(() => 0, (_, v, sum) => sum + v.Length, Materialized.As<string, int>("aggregate-store"), "aggregate")
            .ToStream("aggregate-toStream")
            .To("agg", Produced.As<string, int>("reduce-to"));
        mapped.Filter((_, _) => true, "join-filter")
            .Join(counted, (text, count) => $"{text}:{count}", Windows, StreamJoined.As<string, string, long>("join-store").WithName("join"))
            .To("joined", Produced.As<string, string>("join-to"));
    }

    private static void StoresWithoutNames(StreamBuilder b)
    {
        var second = TimeSpan.FromSeconds(1);
        var windows = TumblingWindows.Of(second).WithGrace(TimeSpan.Zero);
        var texts = Materialized.With(Serdes.String, Serdes.String);
        var counts = Materialized.With(Serdes.String, Serdes.Int64);
        var stream = b.Stream<string, string>("in");
        stream.GroupByKey().Count(counts).ToStream().To("o1");
        stream.GroupByKey().Count().ToStream().To("o2");
        stream.GroupByKey().Reduce((_, v) => v, texts).ToStream().To("o3");
        stream.GroupByKey().Aggregate(() => "", (_, _, all) => all, texts).ToStream().To("o4");
        stream.GroupByKey().WindowedBy(windows).Count(counts);
        stream.GroupByKey().WindowedBy(SessionWindows.OfInactivityGapWithNoGrace(second)).Count(counts);
        stream.GroupByKey().WindowedBy(windows).Reduce((_, v) => v, texts);
        stream.ToTable(texts).ToStream().To("o5");
        var table = b.Table("t", null, texts);
        table.Filter((_, _) => true, texts).ToStream().To("o6");
        table.MapValues(v => v, texts).ToStream().To("o7");
        table.GroupBy((_, v) => KeyValue.Pair(v, v)).Count(counts).ToStream().To("o8");
        table.GroupBy((_, v) => KeyValue.Pair(v, v)).Count().ToStream().To("o9");
        table.GroupBy((_, v) => KeyValue.Pair(v, v)).Reduce((_, v) => v, (_, v) => v, texts).ToStream().To("o10");
        table.Join(b.Table<string, string>("t2"), (x, _) => x, texts).ToStream().To("o11");
        stream.Peek((_, _) => { }).To("end");
    }

    private static void Branches(StreamBuilder b)
    {
        var named = b.Stream<string, string>("in").Split("sp-")
            .Branch((_, _) => true, Branched.As<string, string>("one"))
            .Branch((_, _) => false, Branched.WithFunction<string, string>(s => s.MapValues(v => v), "two"))
            .Branch((_, _) => false, Branched.WithConsumer<string, string>(s => s.To("c")))
            .DefaultBranch();
        named["sp-one"].To("o1");
        named["sp-two"].To("o2");
        named["sp-0"].To("o0");
        b.Stream<string, string>("in2").Split()
            .Branch((_, _) => true)
            .Branch((_, _) => false, Branched.WithFunction<string, string>(s => s))
            .NoDefaultBranch();
    }

    private sealed class Silent<TOut> : Processor<string, string, TOut, TOut>
    {
        public override void Process(in Record<string, string> record)
        {
        }
    }
}
