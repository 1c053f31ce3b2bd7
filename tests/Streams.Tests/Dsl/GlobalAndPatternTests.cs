using System.Text.RegularExpressions;
using Streams.TestKit;

namespace Streams.Tests.Dsl;

/// <summary>Sources that are not one topic of one partition: patterns, global stores, explicit repartition topics.</summary>
public sealed class GlobalAndPatternTests
{
    [Fact]
    public void A_pattern_reads_every_topic_whose_whole_name_matches()
    {
        using var driver = Run(b => b.Stream<string, string>(new Regex("in-[ab]")).MapValues(v => v + "!").To("out"));

        driver.CreateInputTopic<string, string>("in-a").PipeInput("k", "a", 1);
        driver.CreateInputTopic<string, string>("in-b").PipeInput("k", "b", 2);

        Assert.Equal(["a!", "b!"], driver.CreateOutputTopic<string, string>("out").ReadValuesToList());
        Assert.Throws<ArgumentException>(() => driver.CreateInputTopic<string, string>("in-ab").PipeInput("k", "c", 3));
    }

    [Fact]
    public void A_pattern_leaves_out_what_the_application_writes_for_itself()
    {
        var builder = new StreamBuilder();
        builder.GlobalTable<string, string>("app-people");
        builder.Stream<string, string>(new Regex(".*")).GroupBy((_, v) => v).Count(Materialized.As<string, long>("counts"));
        var topology = new CompiledTopology(builder.Build(), "app");

        topology.MatchPatterns(["__consumer_offsets", "app-counts-changelog", "app-counts-repartition", "app-people", "orders"]);

        Assert.Equal(["app-counts-repartition", "orders"], topology.SourceTopics.Order());
        Assert.Equal(["orders"], topology.Topics.Matched);
    }

    [Fact]
    public void A_topic_that_is_gone_is_matched_no_more()
    {
        var builder = new StreamBuilder();
        builder.Stream<string, string>(new Regex("in-.*")).To("out");
        var topology = new CompiledTopology(builder.Build(), "app");
        topology.MatchPatterns(["in-a", "in-b"]);

        topology.MatchPatterns(["in-b", "in-c"]);

        Assert.Equal(["in-b", "in-c"], topology.SourceTopics.Order());
    }

    [Fact]
    public void A_topic_that_two_patterns_match_is_refused()
    {
        var builder = new StreamBuilder();
        builder.Stream<string, string>(new Regex("in-.*")).To("out");
        builder.Stream<string, string>(new Regex(".*-a")).To("out");
        var topology = new CompiledTopology(builder.Build(), "app");

        var error = Assert.Throws<TopologyException>(() => topology.MatchPatterns(["in-a"]));

        Assert.Contains("Write the patterns so that each topic matches one", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_streams_of_one_pattern_have_one_source()
    {
        var builder = new StreamBuilder();
        builder.Stream<string, string>(new Regex("in-.*")).To("a");
        builder.Stream<string, string>(new Regex("in-.*")).To("b");

        Assert.Single(builder.Build().Describe().Split('\n'), l => l.Contains("Source:", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_processor_may_read_a_global_store_without_naming_it()
    {
        using var driver = Run(b =>
        {
            b.AddGlobalStore(Stores.KeyValue("names", Serdes.String, Serdes.String), "people", () => new Keep());
            b.Stream<string, string>("in").Process(() => new LookUp()).To("out", Produced.With(Serdes.String, Serdes.String));
        });
        var people = driver.CreateInputTopic<string, string>("people");
        var input = driver.CreateInputTopic<string, string>("in");

        input.PipeInput("k", "?", 1);
        people.PipeInput("k", "ann", 2);
        input.PipeInput("k", "?", 3);

        Assert.Equal([null!, "ANN"], driver.CreateOutputTopic<string, string>("out").ReadValuesToList());
    }

    [Fact]
    public void A_global_table_is_described_with_its_own_number_and_has_no_changelog()
    {
        var builder = new StreamBuilder();
        builder.GlobalTable("people", materialized: Materialized.As<string, string>("names"));
        builder.Stream<string, string>("in").To("out");

        var lines = builder.Build().Describe().Split('\n');

        Assert.Contains("   Sub-topology: 0 for global store (will not generate tasks)", lines);
        Assert.Contains("  Sub-topology: 1", lines);
    }

    [Fact]
    public void A_processor_that_names_a_global_store_is_told_to_leave_it_out()
    {
        var builder = new StreamBuilder();
        builder.AddGlobalStore(Stores.KeyValue("names", Serdes.String, Serdes.String), "people", () => new Keep());
        builder.Stream<string, string>("in").Process(() => new LookUp(), stores: ["names"]);

        Assert.Contains("Leave it out", Assert.Throws<TopologyException>(() => builder.Build()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_processor_that_writes_a_global_store_is_told_who_may()
    {
        using var driver = Run(b =>
        {
            b.AddGlobalStore(Stores.KeyValue("names", Serdes.String, Serdes.String), "people", () => new Keep());
            b.Stream<string, string>("in").Process(() => new Keep());
        });

        var error = Assert.Throws<ProcessingException>(() => driver.CreateInputTopic<string, string>("in").PipeInput("k", "v", 1));

        Assert.Contains("'names' is a global store: tasks only read it", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_processor_that_fills_a_global_store_cannot_schedule()
    {
        var builder = new StreamBuilder();
        builder.AddGlobalStore(Stores.KeyValue("names", Serdes.String, Serdes.String), "people", () => new Scheduler());

        var error = Assert.Throws<TopologyException>(() => new TopologyTestDriver(builder.Build()));

        Assert.Contains("cannot schedule", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_can_follow_a_processor_that_fills_a_global_store()
    {
        var topology = new Topology().AddGlobalStore(
            Stores.KeyValue("names", Serdes.String, Serdes.String), "source", Serdes.String, Serdes.String, "people", "keep", () => new Keep());

        var error = Assert.Throws<TopologyException>(() => topology.AddSink("sink", "out", Serdes.String, Serdes.String, "keep"));

        Assert.Contains("passes nothing on", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(StoresOfEveryKind))]
    public void A_global_store_of_any_kind_is_read_and_not_written(StoreBuilder store, Action<ProcessingContext> read, Action<ProcessingContext> write)
    {
        using var driver = Run(b =>
        {
            b.AddGlobalStore(store, "people", () => new Call(_ => { }));
            b.Stream<string, string>("in").Process(() => new Call(context =>
            {
                read(context);
                Assert.Throws<NotSupportedException>(() => write(context));
            }));
        });

        driver.CreateInputTopic<string, string>("in").PipeInput("k", "v", 1);
    }

    public static TheoryData<StoreBuilder, Action<ProcessingContext>, Action<ProcessingContext>> StoresOfEveryKind()
    {
        var hour = TimeSpan.FromHours(1);
        return new()
        {
            {
                Stores.KeyValue("store", Serdes.String, Serdes.String),
                c => Assert.Empty(c.GetStateStore<IKeyValueStore<string, string>>("store").Range(null, null)),
                c => c.GetStateStore<IKeyValueStore<string, string>>("store").Delete("k")
            },
            {
                Stores.TimestampedKeyValue("store", Serdes.String, Serdes.String),
                c => Assert.Empty(c.GetStateStore<ITimestampedKeyValueStore<string, string>>("store").All()),
                c => c.GetStateStore<ITimestampedKeyValueStore<string, string>>("store").Put("k", new("v", 1))
            },
            {
                Stores.Window("store", Serdes.String, Serdes.String, hour, hour),
                c => Assert.Empty(c.GetStateStore<IWindowStore<string, string>>("store").FetchAll(0, 1)),
                c => c.GetStateStore<IWindowStore<string, string>>("store").Put("k", "v", 0)
            },
            {
                Stores.TimestampedWindow("store", Serdes.String, Serdes.String, hour, hour),
                c => Assert.Empty(c.GetStateStore<ITimestampedWindowStore<string, string>>("store").All()),
                c => c.GetStateStore<ITimestampedWindowStore<string, string>>("store").Put("k", new("v", 1), 0)
            },
            {
                Stores.Session("store", Serdes.String, Serdes.String, hour),
                c => Assert.Empty(c.GetStateStore<ISessionStore<string, string>>("store").Fetch("k")),
                c => c.GetStateStore<ISessionStore<string, string>>("store").Put(new("k", new(0, 1)), "v")
            },
            {
                Stores.Versioned("store", Serdes.String, Serdes.String, hour),
                c => Assert.Null(c.GetStateStore<IVersionedKeyValueStore<string, string>>("store").Get("k")),
                c => c.GetStateStore<IVersionedKeyValueStore<string, string>>("store").Put("k", "v", 1)
            },
        };
    }

    [Fact]
    public void A_repartition_topic_that_was_asked_for_serves_the_grouping_behind_it()
    {
        using var driver = Run(b => b.Stream<string, string>("in")
            .SelectKey((_, v) => v)
            .Repartition(Repartitioned.With(Serdes.String, Serdes.String).WithName("rp"))
            .GroupByKey()
            .Count(Materialized.As<string, long>("counts")));

        driver.CreateInputTopic<string, string>("in").PipeInput("k", "v", 1);

        Assert.Equal(["test-counts-changelog", "test-rp-repartition"], driver.ProducedTopicNames.Order());
    }

    [Fact]
    public void A_topic_read_by_two_streams_has_one_source()
    {
        var builder = new StreamBuilder();
        builder.Stream<string, string>("in").To("a");
        builder.Stream<string, string>("in").To("b");

        var text = builder.Build().Describe();

        Assert.Single(text.Split('\n'), l => l.Contains("Source:", StringComparison.Ordinal));
        Assert.Contains("--> KSTREAM-SINK-0000000001, KSTREAM-SINK-0000000003", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_optimised_has_no_changelog_of_its_own()
    {
        var builder = new StreamBuilder();
        builder.Table("in", null, Materialized.As<string, string>("store")).ToStream().To("out");
        using var driver = new TopologyTestDriver(builder.Build(TopologyOptimization.ReuseTableSourceTopics));

        driver.CreateInputTopic<string, string>("in").PipeInput("k", "v", 1);

        Assert.Equal(["out"], driver.ProducedTopicNames);
    }

    private static TopologyTestDriver Run(Action<StreamBuilder> declare)
    {
        var builder = new StreamBuilder();
        declare(builder);
        return new(builder.Build());
    }

    private sealed class Call(Action<ProcessingContext> call) : Processor<string, string>
    {
        public override void Process(in Record<string, string> record) => call(Context);
    }

    private sealed class Scheduler : Processor<string, string>
    {
        public override void Init() => Context.Schedule(TimeSpan.FromSeconds(1), PunctuationType.WallClockTime, _ => { });

        public override void Process(in Record<string, string> record)
        {
        }
    }

    private sealed class Keep : Processor<string, string>
    {
        public override void Process(in Record<string, string> record) =>
            Context.GetStateStore<IKeyValueStore<string, string>>("names").Put(record.Key, record.Value.ToUpperInvariant());
    }

    private sealed class LookUp : Processor<string, string, string, string>
    {
        public override void Process(in Record<string, string> record)
        {
            Context.GetStateStore<IKeyValueStore<string, string>>("names").TryGet(record.Key, out var name);
            Context.Forward(record.WithValue(name!));
        }
    }
}
