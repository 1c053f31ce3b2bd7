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
