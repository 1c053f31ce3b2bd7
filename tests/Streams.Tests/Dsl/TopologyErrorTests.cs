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
    public void Nothing_to_read() => Refused("reads nothing", b => b.Build());

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
