namespace Streams.Tests.Dsl;

/// <summary>More of <see cref="DescribedTopologies"/>: every operator, named and not, one family at a time.</summary>
internal static class DescribedOperators
{
    public static IReadOnlyDictionary<string, Action<StreamBuilder>> All { get; } = new Dictionary<string, Action<StreamBuilder>>
    {
        ["sources-by-name"] = SourcesByName,
        ["stream-operators"] = StreamOperators,
        ["stream-joins"] = StreamJoins,
        ["table-operators"] = TableOperators,
        ["foreign-key-joins"] = ForeignKeyJoins,
        ["windows"] = Windows,
        ["cogroups"] = Cogroups,
    };

    private static readonly TimeSpan _second = TimeSpan.FromSeconds(1);

    private static Materialized<string, string> UnnamedTexts => Materialized.With(Serdes.String, Serdes.String);

    private static JoinWindows JoinWindows => Streams.JoinWindows.OfTimeDifferenceAndGrace(5 * _second, 2 * _second);

    private static Materialized<string, string> Texts(string store) => Materialized.As<string, string>(store);

    private static string Left(string? left, string? right) => $"{left}{right}";

    private static void SourcesByName(StreamBuilder b)
    {
        b.Stream("in1", Consumed.As<string, string>("zeta")).To("o1");
        b.Stream("in2", Consumed.As<string, string>("Alpha")).GroupBy((_, v) => v, Grouped.As<string, string>("B")).Count().ToStream().To("o2");
        b.Stream<string, string>("in3").To("o3");
        b.Table("in4", Consumed.As<string, string>("tab"), Texts("st"));
    }

    private static void StreamOperators(StreamBuilder b)
    {
        var stream = b.Stream<string, string>(["in1", "in2"]);
        stream.FlatMap((k, v) => new[] { KeyValue.Pair(k, v) })
            .FlatMapValues(v => new[] { v })
            .MapValues((_, v) => v)
            .FilterNot((_, _) => true)
            .Map((k, v) => KeyValue.Pair(k, v))
            .Peek((_, _) => { })
            .To("o1");
        stream.Merge(b.Stream<string, string>("in3"), "mg").Merge(stream).To("o2");
        stream.Process(() => new Silent()).To("o3");
        stream.ProcessValues<string>(() => new Silent()).GroupByKey().Count();
        stream.Repartition().To("o4");
        stream.Repartition(Repartitioned.NumberOfPartitions<string, string>(3)).To("o5");
        stream.ToTable().ToStream().To("o6");
        stream.ToTable(null, "ttt").Filter((_, _) => true).ToStream().To("o7");
        stream.SelectKey((_, v) => v).ToTable().Join(b.Table<string, string>("tt"), Left).ToStream().To("o8");
        stream.Print(Printed.To<string, string>(TextWriter.Null));
    }

    private static void StreamJoins(StreamBuilder b)
    {
        var stream = b.Stream<string, string>("in1");
        var keyed = b.Stream<string, string>("in2").SelectKey((_, v) => v);
        var table = b.Table<string, string>("t");
        stream.Join(keyed, Left, JoinWindows).To("o1");
        stream.LeftJoin(keyed, Left, JoinWindows, StreamJoined.As<string, string, string>("sj")).To("o2");
        stream.OuterJoin(keyed, Left, JoinWindows, new StreamJoined<string, string, string>().WithName("nm")).To("o3");
        stream.Join(table, Left).Join(table, Left, new Joined<string, string, string>().WithName("jt")).To("o4");
        keyed.LeftJoin(table, Left).To("o5");
        keyed.Join(stream, Left, JoinWindows).LeftJoin(table, Left).GroupByKey().Count();
    }

    private static void TableOperators(StreamBuilder b)
    {
        var table = b.Table<string, string>("t1");
        var other = b.Table("t2", null, Texts("u"));
        table.Filter((_, _) => true).MapValues(v => v).ToStream().To("o1");
        table.FilterNot((_, _) => true, null, "fn").ToStream("ts").To("o2");
        table.MapValues(v => v, Texts("mvs"), "mv").ToStream((_, v) => v).To("o3");
        table.Join(other, Left).ToStream().To("o4");
        table.LeftJoin(other, Left, null, "lj").ToStream().To("o5");
        table.OuterJoin(other, Left, Texts("ojs"), "oj").ToStream((_, v) => v, "tsm").To("o6");
        table.Join(other, Left, Texts("js")).Filter((_, _) => true).ToStream().To("o7");
        table.TransformValues(() => new Same()).ToStream().To("o8");
        table.TransformValues(() => new Same(), UnnamedTexts, "tvn").ToStream().To("o9");
        table.GroupBy((_, v) => KeyValue.Pair(v, v), Grouped.As<string, string>("gt"))
            .Aggregate(() => "", (_, _, all) => all, (_, _, all) => all, Texts("aggs"), "agg")
            .ToStream()
            .To("o10");
        table.GroupBy((_, v) => KeyValue.Pair(v, v), Grouped.As<string, string>("gt2")).Reduce((_, v) => v, (_, v) => v).ToStream().To("o11");
    }

    private static void ForeignKeyJoins(StreamBuilder b)
    {
        var (table, other) = (b.Table<string, string>("t1"), b.Table<string, string>("t2"));
        table.Join(other, v => v, Left).ToStream().To("o1");
        table.LeftJoin(other, v => v, Left, TableJoined.As<string, string>("named")).ToStream().To("o2");
        table.Join(other, v => v, Left, null, Texts("fks")).ToStream().To("o3");
        table.LeftJoin(other, v => v, Left, TableJoined.As<string, string>("n2"), Texts("fk2")).ToStream().To("o4");
    }

    private static void Windows(StreamBuilder b)
    {
        var windows = TumblingWindows.Of(10 * _second).WithGrace(_second);
        var sessions = SessionWindows.OfInactivityGapWithNoGrace(_second);
        var sliding = SlidingWindows.OfTimeDifferenceAndGrace(_second, TimeSpan.Zero);
        var stream = b.Stream<string, string>("in");
        var (groups, keyed) = (stream.GroupByKey(), stream.GroupBy((_, v) => v));
        groups.WindowedBy(windows).Count();
        groups.WindowedBy(windows).Count(null, "wc");
        groups.WindowedBy(windows).Count(Materialized.As<string, long>("wcs"), "wc2");
        groups.WindowedBy(windows).Reduce((_, v) => v);
        groups.WindowedBy(windows).Aggregate(() => "", (_, _, all) => all, UnnamedTexts);
        groups.WindowedBy(sessions).Count();
        groups.WindowedBy(sessions).Reduce((_, v) => v, null, "sr");
        groups.WindowedBy(sliding).Count(Materialized.With(Serdes.String, Serdes.Int64));
        groups.WindowedBy(sliding).Reduce((_, v) => v);
        keyed.WindowedBy(windows).Count();
        keyed.Count();
        keyed.WindowedBy(windows).EmitStrategy(EmitStrategy.OnWindowClose).Count(Materialized.As<string, long>("closed"));
        groups.WindowedBy(windows).Count(Materialized.As<string, long>("sup"))
            .Suppress(Suppressed.UntilWindowCloses(BufferConfig.Unbounded()))
            .ToStream()
            .Foreach((_, _) => { });
        groups.WindowedBy(windows).Count()
            .Suppress(Suppressed.UntilWindowCloses(BufferConfig.Unbounded()).WithName("sn"))
            .ToStream()
            .Foreach((_, _) => { }, "fe");
        groups.Count().Suppress(Suppressed.UntilTimeLimit(_second, BufferConfig.MaxRecords(5))).ToStream().Peek((_, _) => { }).Foreach((_, _) => { });
    }

    private static void Cogroups(StreamBuilder b)
    {
        static string Same(string key, string value, string all) => all;

        var (one, two) = (b.Stream<string, string>("in1"), b.Stream<string, string>("in2"));
        one.GroupByKey().Cogroup<string>(Same).Cogroup(two.GroupByKey(), Same).Aggregate(() => "", UnnamedTexts).ToStream().To("o1");
        one.GroupBy((_, v) => v).Cogroup<string>(Same)
            .Cogroup(two.GroupByKey(Grouped.As<string, string>("ug")), Same)
            .Aggregate(() => "", Texts("cs"), "cn")
            .ToStream()
            .To("o2");
        one.GroupBy((_, v) => v, Grouped.As<string, string>("sg")).Cogroup<string>(Same)
            .Cogroup(two.SelectKey((_, v) => v).GroupByKey(), Same)
            .WindowedBy(TumblingWindows.Of(_second).WithGrace(TimeSpan.Zero))
            .Aggregate(() => "", UnnamedTexts);
        one.GroupByKey().Cogroup<string>(Same).WindowedBy(SessionWindows.OfInactivityGapWithNoGrace(_second)).Aggregate(() => "", (_, x, _) => x, null, "se");
    }

    private sealed class Silent : Processor<string, string, string, string>
    {
        public override void Process(in Record<string, string> record)
        {
        }
    }

    private sealed class Same : ValueTransformer<string, string, string>
    {
        public override string? Transform(string key, string? value) => value;
    }
}
