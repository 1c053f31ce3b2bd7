using Streams.TestKit;

namespace Streams.Tests.Dsl;

/// <summary>A topology put together node by node.</summary>
public sealed class TopologyByHandTests
{
    [Fact]
    public void A_sink_writes_each_record_to_the_topic_that_was_named_for_it()
    {
        using var driver = new TopologyTestDriver(Source().AddSink<string, string>(
            "sink", (_, value, _) => $"out-{value[0]}", Serdes.String, Serdes.String, null, "source"));

        Pipe(driver, "apple", "banana");

        Assert.Equal(["out-a", "out-b"], driver.ProducedTopicNames.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_sinks_partitioner_is_told_topic_record_and_number_of_partitions()
    {
        var asked = new List<(string, string, int)>();
        using var driver = new TopologyTestDriver(Source().AddSink(
            "sink",
            "out",
            Serdes.String,
            Serdes.String,
            (string topic, in Record<string, string> record, int partitions) =>
            {
                asked.Add((topic, record.Value, partitions));
                return 0;
            },
            "source"));

        Pipe(driver, "apple");

        Assert.Equal([("out", "apple", 1)], asked);
    }

    [Fact]
    public void A_read_only_store_is_filled_from_its_topic_and_has_no_changelog()
    {
        using var driver = new TopologyTestDriver(Source()
            .AddReadOnlyStateStore(
                Stores.KeyValue("names", Serdes.String, Serdes.String), "people", Serdes.String, Serdes.String, "people", "keep", () => new Keep())
            .AddProcessor("look-up", () => new LookUp(), "source")
            .ConnectProcessorAndStateStores("look-up", "names")
            .AddSink("sink", "out", Serdes.String, Serdes.String, "look-up"));

        driver.CreateInputTopic<string, string>("people").PipeInput("k", "ann", 1);
        Pipe(driver, "?");

        Assert.Equal(["ann"], driver.CreateOutputTopic<string, string>("out").ReadValuesToList());
        Assert.Equal(["out"], driver.ProducedTopicNames);
    }

    [Fact]
    public void A_read_only_store_is_described_as_Kafka_Streams_describes_it()
    {
        var topology = new Topology().AddReadOnlyStateStore(
            Stores.KeyValue("names", Serdes.String, Serdes.String), "people", Serdes.String, Serdes.String, "topic", "keep", () => new Keep());

        Assert.Equal(
            "Topologies:\n   Sub-topology: 0\n    Source: people (topics: [topic])\n      --> keep\n" +
            "    Processor: keep (stores: [names])\n      --> none\n      <-- people\n",
            topology.Describe().TrimEnd('\n') + "\n");
    }

    private static Topology Source() => new Topology().AddSource("source", Serdes.String, Serdes.String, "in");

    private static void Pipe(TopologyTestDriver driver, params string[] values)
    {
        foreach (var value in values)
            driver.CreateInputTopic<string, string>("in").PipeInput("k", value, 1);
    }

    private sealed class Keep : Processor<string, string>
    {
        public override void Process(in Record<string, string> record) =>
            Context.GetStateStore<IKeyValueStore<string, string>>("names").Put(record.Key, record.Value);
    }

    private sealed class LookUp : Processor<string, string, string, string>
    {
        public override void Process(in Record<string, string> record) =>
            Context.Forward(record.WithValue(Context.GetStateStore<IKeyValueStore<string, string>>("names").Get(record.Key)!));
    }
}
