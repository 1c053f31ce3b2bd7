using Streams.Runtime;
using Streams.TestKit;

namespace Streams.Tests.Dsl;

/// <summary>A topology that cannot work says so when it is built, with what to do.</summary>
public sealed class TopologyErrorTests
{
    [Fact]
    public void A_missing_serde_says_where_it_is_needed() =>
        Refused("Consumed.With", b => b.Stream<string, DateTimeOffset>("in"));

    [Fact]
    public void Two_nodes_of_one_name() => Refused("two nodes called 'same'", b =>
    {
        b.Stream<string, string>("in").Filter((_, _) => true, "same").Filter((_, _) => true, "same");
        b.Build();
    });

    [Fact]
    public void A_store_that_was_not_added() => Refused("'nowhere' that was not added", b =>
    {
        b.Stream<string, string>("in").Process(() => new Asks("nowhere"), stores: ["nowhere"]);
        b.Build();
    });

    [Fact]
    public void A_store_that_was_not_connected() => Refused("not connected to a store 'shelf'", b =>
    {
        b.AddStateStore(Stores.KeyValue("shelf", Serdes.String, Serdes.String));
        b.Stream<string, string>("in").Process(() => new Asks("shelf"));
        using var driver = new TopologyTestDriver(b.Build());
    });

    [Fact]
    public void A_topic_read_as_two_types() => Refused("with different types", b =>
    {
        b.Stream<string, string>("in");
        b.Stream<string, long>("in");
    });

    [Fact]
    public void A_retention_below_size_plus_grace() => Refused("retention", b => b.Stream<string, string>("in")
        .GroupByKey()
        .WindowedBy(TumblingWindows.Of(TimeSpan.FromMinutes(5)).WithGrace(TimeSpan.FromMinutes(1)))
        .Count(Materialized.As<string, long>("counts").WithRetention(TimeSpan.FromMinutes(5))));

    [Fact]
    public void A_missing_serde_of_an_output_says_where_it_is_needed() =>
        Refused("the sink to 'out'", b => b.Stream<string, string>("in").MapValues(_ => DateTimeOffset.UnixEpoch).To("out"));

    [Fact]
    public void A_missing_serde_of_a_repartition_topic_says_where_it_is_needed() =>
        Refused("Grouped.With", b => b.Stream<string, string>("in").Map((k, _) => KeyValue.Pair(k, DateTimeOffset.UnixEpoch)).GroupByKey().Count());

    [Fact]
    public void A_missing_serde_of_a_store_says_where_it_is_needed() =>
        Refused("Materialized.WithValueSerde", b => b.Stream<string, string>("in").GroupByKey().Aggregate(() => DateTimeOffset.UnixEpoch, (_, _, at) => at));

    [Fact]
    public void Two_stores_of_one_name() => Refused("two stores called 'same'", b =>
    {
        var groups = b.Stream<string, string>("in").GroupByKey();
        groups.Count(Materialized.As<string, long>("same"));
        groups.Count(Materialized.As<string, long>("same"));
        b.Build();
    });

    [Fact]
    public void A_global_store_and_another_of_one_name() => Refused("two stores called 'same'", b =>
    {
        b.GlobalTable("people", null, Materialized.As<string, string>("same"));
        b.Table("in", null, Materialized.As<string, string>("same"));
        b.Build();
    });

    [Fact]
    public void A_topic_read_by_a_stream_and_a_table() => Refused("Read it once", b =>
    {
        b.Stream<string, string>("in").To("out");
        b.Table<string, string>("in");
        b.Build();
    });

    [Fact]
    public void Topics_read_together_once_and_alone_once() => Refused("overlap", b =>
    {
        b.Stream<string, string>(["a", "b"]).To("out");
        b.Stream<string, string>("a").To("out");
        b.Build();
    });

    [Fact]
    public void A_global_table_with_a_history() =>
        Refused("cannot be versioned", b => b.GlobalTable("in", null, Materialized.AsVersioned<string, string>("store", TimeSpan.FromMinutes(1))));

    [Fact]
    public void A_parent_that_was_not_added() =>
        Refused("'nobody' that was not added", _ => new Topology().AddProcessor("p", () => new Asks("shelf"), "nobody"));

    [Fact]
    public void A_store_for_a_processor_that_was_not_added() =>
        Refused("no processor 'nobody'", _ => new Topology().AddStateStore(Stores.KeyValue("shelf", Serdes.String, Serdes.String), "nobody"));

    [Fact]
    public void A_node_behind_a_sink() => Refused("which is a sink", _ => new Topology()
        .AddSource("source", Serdes.String, Serdes.String, "in")
        .AddSink("sink", "out", Serdes.String, Serdes.String, "source")
        .AddProcessor("p", () => new Asks("shelf"), "sink"));

    [Fact]
    public void A_supplier_that_gives_no_processor() => Refused("The supplier of processor 'p' returned null", _ => Open(new Topology()
        .AddSource("source", Serdes.String, Serdes.String, "in")
        .AddProcessor<string, string, Nothing, Nothing>("p", () => null!, "source")));

    [Fact]
    public void A_supplier_that_gives_no_processor_for_a_global_store() => Refused("The supplier of processor 'p' returned null", _ => Open(new Topology()
        .AddGlobalStore(Stores.KeyValue("shelf", Serdes.String, Serdes.String), "source", Serdes.String, Serdes.String, "in", "p", () => null!)));

    [Fact]
    public void A_supplier_that_gives_no_processor_for_a_builders_global_store() => Refused("returned null", b =>
    {
        b.AddGlobalStore<string, string>(Stores.KeyValue("shelf", Serdes.String, Serdes.String), "in", () => null!);
        Open(b.Build());
    });

    [Fact]
    public void A_processor_of_other_types_than_its_parent_sends() => Refused("cannot take what its parent 'source' sends", _ =>
    {
        Open(new Topology()
            .AddSource("source", Serdes.String, Serdes.Int64, "in")
            .AddProcessor("p", () => new Asks("shelf"), "source"));
    });

    [Fact]
    public void Joined_topics_of_different_numbers_of_partitions() => Refused("left has 2, right has 3", b =>
    {
        b.Stream<string, string>("left").Join(b.Table<string, string>("right"), (x, y) => x + y);
        TopicManager.Plan(new(b.Build(), "app"), new Dictionary<string, int> { ["left"] = 2, ["right"] = 3 });
    });

    [Fact]
    public void A_topic_repartitioned_to_another_number_than_what_it_is_joined_with() => Refused("app-rp-repartition has 4, right has 3", b =>
    {
        b.Stream<string, string>("left")
            .Repartition(Repartitioned.As<string, string>("rp").WithNumberOfPartitions(4))
            .Join(b.Table<string, string>("right"), (x, y) => x + y);
        TopicManager.Plan(new(b.Build(), "app"), new Dictionary<string, int> { ["left"] = 2, ["right"] = 3 });
    });

    [Fact]
    public void A_topic_that_the_engine_makes_has_as_many_partitions_as_what_it_is_joined_with()
    {
        var builder = new StreamBuilder();
        builder.Stream<string, string>("left").SelectKey((_, v) => v).Join(builder.Table<string, string>("right"), (x, y) => x + y);

        var plan = TopicManager.Plan(new(builder.Build(), "app"), new Dictionary<string, int> { ["left"] = 2, ["right"] = 3 });

        Assert.Equal(3, plan.Partitions["app-KSTREAM-KEY-SELECT-0000000001-repartition"]);
    }

    [Fact]
    public void Nothing_to_read() => Refused("reads nothing", b => b.Build());

    private static void Open(Topology topology)
    {
        using var driver = new TopologyTestDriver(topology);
    }

    private static void Refused(string because, Action<StreamBuilder> declare)
    {
        var error = Assert.Throws<TopologyException>(() => declare(new StreamBuilder()));
        Assert.Contains(because, error.Message, StringComparison.Ordinal);
    }

    private sealed class Asks(string store) : Processor<string, string>
    {
        public override void Init() => Context.GetStateStore<IKeyValueStore<string, string>>(store);

        public override void Process(in Record<string, string> record)
        {
        }
    }
}
