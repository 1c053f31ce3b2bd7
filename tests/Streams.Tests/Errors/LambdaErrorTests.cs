using Streams.TestKit;
using Streams.Tests.Windows;

namespace Streams.Tests.Errors;

/// <summary>Every operator that calls code of the topology's own answers for it alike: the handler hears of the node, and the record is dropped there.</summary>
public sealed class LambdaErrorTests
{
    private static readonly JoinWindows Windows = JoinWindows.OfTimeDifferenceWithNoGrace(TimeSpan.FromMinutes(1));

    /// <summary>Operators by name: what their node is called, and how they stand between <c>in</c> and <c>out</c>. Lambdas fail where they are told to.</summary>
    private static readonly Dictionary<string, (string Node, Action<StreamBuilder, Lambda> Declare)> _operators = new()
    {
        ["Filter"] = ("it", (b, f) => In(b).Filter((_, _) => f.Of(true), "it").To("out")),
        ["FilterNot"] = ("it", (b, f) => In(b).FilterNot((_, _) => f.Of(false), "it").To("out")),
        ["Map"] = ("it", (b, f) => In(b).Map((k, v) => f.Of(KeyValue.Pair(k, v)), "it").To("out")),
        ["MapValues"] = ("it", (b, f) => In(b).MapValues(v => f.Of(v), "it").To("out")),
        ["FlatMap"] = ("it", (b, f) => In(b)
            .FlatMap((k, v) => f.Of<IEnumerable<KeyValue<string, string>>>([KeyValue.Pair(k, v)]), "it").To("out")),
        ["FlatMap, while it is read"] = ("it", (b, f) => In(b)
            .FlatMap((k, v) => new[] { v }.Select(x => f.Of(KeyValue.Pair(k, x))), "it").To("out")),
        ["FlatMapValues"] = ("it", (b, f) => In(b).FlatMapValues(v => f.Of<IEnumerable<string>>([v]), "it").To("out")),
        ["SelectKey"] = ("it", (b, f) => In(b).SelectKey((k, _) => f.Of(k), "it").To("out")),
        ["Peek"] = ("it", (b, f) => In(b).Peek((_, v) => f.Of(v), "it").To("out")),
        ["MapValuesAsync"] = ("it", (b, f) => In(b).MapValuesAsync((_, v, _) => Task.FromResult(f.Of(v)), named: "it").To("out")),
        ["Process"] = ("it", (b, f) => In(b).Process(() => new Failing(f), "it").To("out")),
        ["ProcessValues"] = ("it", (b, f) => In(b).ProcessValues(() => new FailingFixed(f), "it").To("out")),
        ["Split"] = ("it", (b, f) => In(b).Split("it").Branch((_, _) => f.Of(true), all => all.To("out")).NoDefaultBranch()),
        ["To, topic"] = ("it", (b, f) => In(b).To((_, _, _) => f.Of("out"), Produced.As<string, string>("it"))),
        ["To, partition"] = ("it", (b, f) => In(b).To("out", Produced.As<string, string>("it")
            .WithPartitioner((string _, in Record<string, string> _, int _) => f.Of(0)))),
        ["Repartition, partition"] = ("it-repartition-sink", (b, f) => In(b).Repartition(Repartitioned.As<string, string>("it")
            .WithStreamPartitioner((string _, in Record<string, string> _, int _) => f.Of(0))).To("out")),
        ["DropDuplicates"] = ("it", (b, f) => In(b)
            .DropDuplicates((_, v) => f.Of(v), TimeSpan.FromMinutes(1), new Deduplicated<string>().WithName("it")).To("out")),
        ["GroupBy"] = ("it", (b, f) => Out(In(b).GroupBy((k, _) => f.Of(k), Grouped.As<string, string>("it")).Reduce((_, v) => v))),
        ["Reduce"] = ("it", (b, f) => Out(In(b).GroupByKey().Reduce((_, v) => f.Of(v), named: "it"))),
        ["Aggregate, initializer"] = ("it", (b, f) => Out(In(b).GroupBy((_, v) => v).Aggregate(() => f.Of(""), (_, v, _) => v, named: "it"))),
        ["Aggregate, aggregator"] = ("it", (b, f) => Out(In(b).GroupByKey().Aggregate(() => "", (_, v, _) => f.Of(v), named: "it"))),
        ["windowed Aggregate"] = ("it", (b, f) => OutOf(In(b).GroupByKey()
            .WindowedBy(TumblingWindows.OfSizeAndGrace(Ticks.Ms(100), Ticks.Ms(0))).Aggregate(() => "", (_, v, _) => f.Of(v), named: "it"))),
        ["sliding Aggregate"] = ("it", (b, f) => OutOf(In(b).GroupByKey()
            .WindowedBy(SlidingWindows.OfTimeDifferenceAndGrace(Ticks.Ms(0), Ticks.Ms(1000))).Aggregate(() => "", (_, v, _) => f.Of(v), named: "it"))),
        ["session Aggregate, aggregator"] = ("it", (b, f) => OutOf(In(b).GroupByKey()
            .WindowedBy(SessionWindows.OfInactivityGapAndGrace(Ticks.Ms(100), Ticks.Ms(0)))
            .Aggregate(() => "", (_, v, _) => f.Of(v), (_, _, v) => v, named: "it"))),
        ["session Aggregate, merger"] = ("it", (b, f) => OutOf(In(b).GroupByKey()
            .WindowedBy(SessionWindows.OfInactivityGapAndGrace(Ticks.Ms(100), Ticks.Ms(0)))
            .Aggregate(() => "", (_, v, _) => v, (_, _, v) => f.Of(v), named: "it"))),
        ["Cogroup"] = ("it-cogroup-agg-0", (b, f) => Out(In(b).GroupByKey().Cogroup<string>((_, v, _) => f.Of(v)).Aggregate(() => "", named: "it"))),
        ["Join of streams"] = ("it-this-join", (b, f) => In(b).Join(b.Stream<string, string>("other"), (l, _) => f.Of(l), Windows, Named()).To("out")),
        ["LeftJoin of streams"] = ("it-this-join", (b, f) => In(b)
            .LeftJoin(b.Stream<string, string>("other"), (l, _) => f.Of(l), Windows, Named()).To("out")),
        ["Join with a table"] = ("it", (b, f) => In(b)
            .Join(b.Table<string, string>("other"), (l, _) => f.Of(l), Joined.As<string, string, string>("it")).To("out")),
        ["Join with a global table, key"] = ("it", (b, f) => In(b)
            .Join(b.GlobalTable<string, string>("other"), (k, _) => f.Of(k), (l, _) => l, "it").To("out")),
        ["Join with a global table, joiner"] = ("it", (b, f) => In(b)
            .Join(b.GlobalTable<string, string>("other"), (k, _) => k, (l, _) => f.Of(l), "it").To("out")),
        ["Filter of a table"] = ("it", (b, f) => Out(Table(b).Filter((_, _) => f.Of(true), named: "it"))),
        ["MapValues of a table"] = ("it", (b, f) => Out(Table(b).MapValues(v => f.Of(v), named: "it"))),
        ["TransformValues of a table"] = ("it", (b, f) => Out(Table(b).TransformValues(() => new FailingTransformer(f), named: "it"))),
        ["ToStream with a key"] = ("KSTREAM-KEY-SELECT-", (b, f) => Table(b).ToStream((k, _) => f.Of(k)).To("out")),
        ["GroupBy of a table"] = ("it", (b, f) => Out(Table(b)
            .GroupBy((k, v) => f.Of(KeyValue.Pair(k, v)), Grouped.As<string, string>("it")).Reduce((_, v) => v, (_, _) => ""))),
        ["adder of a table"] = ("it", (b, f) => Out(Table(b)
            .GroupBy((k, v) => KeyValue.Pair(k, v)).Aggregate(() => "", (_, v, _) => f.Of(v), (_, _, v) => v, named: "it"))),
        ["subtractor of a table"] = ("it", (b, f) => Out(Table(b)
            .GroupBy((k, v) => KeyValue.Pair(k, v)).Aggregate(() => "", (_, v, _) => v, (_, _, v) => f.Of(v), named: "it"))),
        ["Join of tables"] = ("KTABLE-JOINTHIS-", (b, f) => Out(Table(b).Join(b.Table<string, string>("other"), (l, _) => f.Of(l)))),
        ["foreign-key Join, key"] = ("KTABLE-FK-JOIN-SUBSCRIPTION-REGISTRATION-", (b, f) => Out(Table(b)
            .Join(b.Table<string, string>("other"), _ => f.Of("k"), (l, _) => l))),
        ["foreign-key Join, joiner"] = ("KTABLE-FK-JOIN-SUBSCRIPTION-RESPONSE-RESOLVER-", (b, f) => Out(Table(b)
            .Join(b.Table<string, string>("other"), _ => "k", (l, _) => f.Of(l)))),
    };

    public static TheoryData<string> Operators => [.. _operators.Keys];

    [Theory]
    [MemberData(nameof(Operators))]
    public void A_record_on_which_it_fails_is_dropped_and_the_next_one_goes_on(string name)
    {
        var told = new List<string>();
        using var scene = new Scene(name, (c, _) => c.ProcessingErrors = error =>
        {
            told.Add(error.Node);
            return ErrorResponse.Continue;
        });

        Assert.Equal(1, scene.Pipe("one"));
        Assert.Equal(0, scene.Pipe("two", fails: true));
        Assert.Equal(1, scene.Pipe("three"));
        Assert.StartsWith(_operators[name].Node, Assert.Single(told), StringComparison.Ordinal);
        Assert.Equal(1, scene.Dropped);
    }

    [Theory]
    [MemberData(nameof(Operators))]
    public void Tried_again_it_gives_one_result(string name)
    {
        using var scene = new Scene(name, (c, lambda) => c.ProcessingErrors = error =>
        {
            if (error.Attempt == 3)
                lambda.Fails = false;
            return ErrorResponse.Retry(new RetryPolicy(5));
        });

        Assert.Equal(1, scene.Pipe("one"));
        Assert.Equal(1, scene.Pipe("two", fails: true));
        Assert.Equal(0, scene.Dropped);
    }

    [Theory]
    [MemberData(nameof(Operators))]
    public void Without_a_handler_the_error_names_its_node(string name)
    {
        using var scene = new Scene(name, (_, _) => { });
        scene.Pipe("one");

        var error = Assert.Throws<ProcessingException>(() => scene.Pipe("two", fails: true));

        Assert.StartsWith(_operators[name].Node, error.Node, StringComparison.Ordinal);
        Assert.Equal("told to fail", error.InnerException!.Message);
    }

    private static KStream<string, string> In(StreamBuilder builder) => builder.Stream<string, string>("in");

    private static KTable<string, string> Table(StreamBuilder builder) =>
        builder.Table("in", materialized: Materialized.As<string, string>("rows"));

    private static StreamJoined<string, string, string> Named() => new StreamJoined<string, string, string>().WithName("it");

    private static void Out(KTable<string, string> table) => table.ToStream().To("out");

    private static void OutOf(KTable<Windowed<string>, string> table) => table.ToStream((key, _) => key.Key).Filter((_, v) => v is not null).To("out");

    /// <summary>What all lambdas of a topology give, where they do not fail.</summary>
    private sealed class Lambda
    {
        public bool Fails { get; set; }

        public T Of<T>(T value) => Fails ? throw new InvalidOperationException("told to fail") : value;
    }

    private sealed class Failing(Lambda lambda) : Processor<string, string, string, string>
    {
        public override void Process(in Record<string, string> record) => Context.Forward(record.WithValue(lambda.Of(record.Value)));
    }

    private sealed class FailingFixed(Lambda lambda) : FixedKeyProcessor<string, string, string>
    {
        public override void Process(in FixedKeyRecord<string, string> record) => Context.Forward(record.WithValue(lambda.Of(record.Value)));
    }

    private sealed class FailingTransformer(Lambda lambda) : ValueTransformer<string, string, string>
    {
        public override string? Transform(string key, string? value) => lambda.Of(value);
    }

    private sealed class Scene : IDisposable
    {
        private readonly TopologyTestDriver _driver;
        private readonly Lambda _lambda = new();
        private long _time;

        public Scene(string name, Action<StreamConfig, Lambda> configure)
        {
            var builder = new StreamBuilder();
            _operators[name].Declare(builder, _lambda);

            // Behind a cache, a failure is the flush's before it is the node's.
            var config = new StreamConfig { ApplicationId = "test", CacheBytesMax = 0 };
            configure(config, _lambda);
            _driver = new(builder.Build(), config);
            if (name.Contains("Join", StringComparison.Ordinal))
                _driver.CreateInputTopic<string, string>("other").PipeInput("k", "o", 0);
        }

        public long Dropped => _driver.DroppedRecords;

        /// <summary>How many results the record gives.</summary>
        public int Pipe(string value, bool fails = false)
        {
            _lambda.Fails = fails;
            _driver.CreateInputTopic<string, string>("in").PipeInput("k", value, _time++);
            return _driver.CreateOutputTopic<string, string>("out").ReadRecordsToList().Count;
        }

        public void Dispose() => _driver.Dispose();
    }
}
