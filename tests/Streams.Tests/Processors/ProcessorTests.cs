using Streams.TestKit;

namespace Streams.Tests.Processors;

/// <summary>Processors of one's own: what they see, and where what they forward goes.</summary>
public sealed class ProcessorTests
{
    [Fact]
    public void A_processor_sees_where_a_record_was_read_from_and_what_came_with_it()
    {
        var seen = new List<string>();
        using var driver = Driver(b => b.Stream<string, string>("in").Process(() => new Each((record, context) =>
        {
            var from = context.RecordMetadata!.Value;
            seen.Add($"{from.Topic}-{from.Partition}@{from.Offset} {record.Key}={record.Value} {record.Timestamp} {string.Join(",", record.Headers.Select(h => h.Key))}");
        })));
        var input = driver.CreateInputTopic<string, string>("in");

        input.PipeInput("k", "a", 5);
        input.PipeInput(new Record<string, string>("k", "b", 3).WithHeader("x", [1]).WithHeader("y", null));

        Assert.Equal(["in-0@0 k=a 5 ", "in-0@1 k=b 3 x,y"], seen);
    }

    [Theory]
    [InlineData("made")]
    [InlineData("moved")]
    public void A_time_below_0_is_the_error_of_the_processor_that_forwards_the_record(string how)
    {
        using var driver = Driver(b => b.Stream<string, string>("in").Process(() => new Each((record, context) =>
            context.Forward(how == "made" ? new Record<string, string>("k", "v", -1) : record.WithTimestamp(-1))), "back").To("out"));

        var error = Assert.Throws<ProcessingException>(() => driver.CreateInputTopic<string, string>("in").PipeInput("k", "v", 1));

        Assert.Equal("back", error.Node);
        Assert.Contains("Processor 'back' cannot forward a record with timestamp -1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Behind_a_repartition_topic_a_record_was_read_from_there()
    {
        string? topic = null;
        using var driver = Driver(b => b.Stream<string, string>("in")
            .Repartition(Repartitioned.As<string, string>("between"))
            .Process(() => new Each((_, context) => topic = context.RecordMetadata!.Value.Topic)));

        driver.CreateInputTopic<string, string>("in").PipeInput("k", "a", 1);

        Assert.Equal("test-between-repartition", topic);
    }

    [Fact]
    public void What_is_forwarded_goes_to_every_child_or_to_the_one_that_is_named()
    {
        var topology = new Topology()
            .AddSource("source", Serdes.String, Serdes.String, "in")
            .AddProcessor("split", () => new Each((record, context) =>
            {
                if (record.Value == "all")
                    context.Forward(in record);
                else
                    context.Forward(in record, record.Value);
            }), "source")
            .AddSink("left", "left", Serdes.String, Serdes.String, "split")
            .AddSink("right", "right", Serdes.String, Serdes.String, "split");
        using var driver = new TopologyTestDriver(topology);
        var input = driver.CreateInputTopic<string, string>("in");

        foreach (var value in (string[])["all", "left", "right"])
            input.PipeInput("k", value, 1);

        Assert.Equal(["all", "left"], driver.CreateOutputTopic<string, string>("left").ReadValuesToList());
        Assert.Equal(["all", "right"], driver.CreateOutputTopic<string, string>("right").ReadValuesToList());
    }

    [Fact]
    public void A_child_that_is_not_there_is_an_error_that_names_both()
    {
        using var driver = Driver(b => b.Stream<string, string>("in").Process(() => new Each((record, context) => context.Forward(in record, "nobody")), "mine"));

        var error = Assert.ThrowsAny<StreamsException>(() => driver.CreateInputTopic<string, string>("in").PipeInput("k", "a", 1));

        Assert.Contains("Processor 'mine' has no child 'nobody'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_number_of_records_may_be_forwarded_with_keys_times_and_headers_of_their_own()
    {
        using var driver = Driver(b => b.Stream<string, string>("in").Process(() => new Each((record, context) =>
        {
            foreach (var word in record.Value.Split(' '))
                context.Forward(record.With(word, word.ToUpperInvariant()).WithTimestamp(word.Length).WithHeaders(Headers.Empty.With("word", [])));
        })).To("out"));

        driver.CreateInputTopic<string, string>("in").PipeInput(new Record<string, string>("k", "a bc", 100).WithHeader("old", []));

        var records = driver.CreateOutputTopic<string, string>("out").ReadRecordsToList();
        Assert.Equal([("a", "A", 1L), ("bc", "BC", 2L)], records.Select(r => (r.Key, r.Value, r.Timestamp)));
        Assert.All(records, r => Assert.Equal("word", Assert.Single(r.Headers).Key));
    }

    [Fact]
    public void A_record_without_a_key_or_value_says_so()
    {
        var seen = new List<(bool, bool)>();
        using var driver = Driver(b => b.Stream<string, string>("in").Process(() => new Each((record, _) => seen.Add((record.HasKey, record.HasValue)))));
        var input = driver.CreateInputTopic<string, string>("in");

        input.PipeInput("v");
        input.PipeInput("k", null!, 1);

        Assert.Equal([(false, true), (true, false)], seen);
    }

    [Fact]
    public void A_processor_of_fixed_keys_changes_everything_but_the_key_and_grouping_behind_it_needs_no_topic()
    {
        using var driver = Driver(b => b.Stream<string, string>("in")
            .ProcessValues(() => new Lengths())
            .GroupByKey(Grouped.With(Serdes.String, Serdes.Int32))
            .Reduce((sum, length) => sum + length)
            .ToStream()
            .To("out"));
        var input = driver.CreateInputTopic<string, string>("in");

        input.PipeInput("k", "four", 10);
        input.PipeInput("k", "sixsix", 20);

        var records = driver.CreateOutputTopic<string, int>("out").ReadRecordsToList();
        Assert.Equal([("k", 4, 11L), ("k", 10, 21L)], records.Select(r => (r.Key, r.Value, r.Timestamp)));
        Assert.DoesNotContain(driver.ProducedTopicNames, t => t.EndsWith("-repartition", StringComparison.Ordinal));
    }

    [Fact]
    public void A_store_is_reached_by_the_processors_that_are_connected_to_it_and_by_no_other()
    {
        using var driver = Driver(b =>
        {
            b.AddStateStore(Stores.KeyValue("seen", Serdes.String, Serdes.Int64));
            b.Stream<string, string>("in").Process(() => new Counting(), stores: ["seen"]).To("out");
        });
        var input = driver.CreateInputTopic<string, string>("in");

        foreach (var key in (string[])["a", "b", "a"])
            input.PipeInput(key, "", 1);

        Assert.Equal(["1", "1", "2"], driver.CreateOutputTopic<string, string>("out").ReadValuesToList());
        Assert.Equal(2, driver.GetKeyValueStore<string, long>("seen").Get("a"));
        var error = Assert.Throws<TopologyException>(() => Driver(b =>
        {
            b.AddStateStore(Stores.KeyValue("seen", Serdes.String, Serdes.Int64));
            b.Stream<string, string>("in").Process(() => new Counting(), "mine");
        }));
        Assert.Contains("Processor 'mine' is not connected to a store 'seen'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_driver_opens_a_processor_of_its_own_and_closes_it_once()
    {
        var (opened, closed) = (0, 0);
        var builder = new StreamBuilder();
        builder.Stream<string, string>("in").Process(() => new Lifetime(() => opened++, () => closed++));
        var topology = builder.Build();

        new TopologyTestDriver(topology).Dispose();
        var driver = new TopologyTestDriver(topology);
        Assert.Equal((2, 1), (opened, closed));

        driver.Dispose();
        driver.Dispose();
        Assert.Equal((2, 2), (opened, closed));
    }

    [Fact]
    public void A_supplier_that_gives_one_processor_twice_is_refused()
    {
        var one = new Counting();
        var builder = new StreamBuilder();
        builder.AddStateStore(Stores.KeyValue("seen", Serdes.String, Serdes.Int64));
        builder.Stream<string, string>("in").Process(() => one, "mine", ["seen"]);

        using var first = new TopologyTestDriver(builder.Build());
        var error = Assert.Throws<TopologyException>(() => new TopologyTestDriver(builder.Build()));

        Assert.Contains("it must make a new one at each call", error.Message, StringComparison.Ordinal);
    }

    private static TopologyTestDriver Driver(Action<StreamBuilder> write)
    {
        var builder = new StreamBuilder();
        write(builder);
        return new(builder.Build());
    }

    private sealed class Each(Action<Record<string, string>, ProcessorContext<string, string>> action) : Processor<string, string, string, string>
    {
        public override void Process(in Record<string, string> record) => action(record, Context);
    }

    private sealed class Lengths : FixedKeyProcessor<string, string, int>
    {
        public override void Process(in FixedKeyRecord<string, string> record) =>
            Context.Forward(record.WithValue(record.Value.Length).WithTimestamp(record.Timestamp + 1));
    }

    private sealed class Counting : Processor<string, string, string, string>
    {
        private IKeyValueStore<string, long> _seen = null!;

        public override void Init() => _seen = Context.GetStateStore<IKeyValueStore<string, long>>("seen");

        public override void Process(in Record<string, string> record)
        {
            var count = _seen.Get(record.Key) + 1;
            _seen.Put(record.Key, count);
            Context.Forward(record.WithValue($"{count}"));
        }
    }

    private sealed class Lifetime(Action opened, Action closed) : Processor<string, string>
    {
        public override void Init() => opened();

        public override void Process(in Record<string, string> record)
        {
        }

        public override void Close() => closed();
    }
}
