using System.Collections.Concurrent;
using Xunit.Abstractions;

namespace Streams.Tests.Runtime;

public sealed class OnOwnBroker(OwnBroker broker, ITestOutputHelper output) : RuntimeTests(broker, output), IClassFixture<OwnBroker>;

public sealed class OnApacheKafka(ApacheKafka broker, ITestOutputHelper output) : RuntimeTests(broker, output), IClassFixture<ApacheKafka>;

public abstract class RuntimeTests(Broker broker, ITestOutputHelper output)
{
    [SkippableFact]
    public async Task What_is_read_is_processed_and_written()
    {
        await using var scene = new KafkaScene(broker, new TestLog(output));
        await scene.CreateAsync("in");
        await scene.CreateAsync("out");
        await scene.ProduceAsync("in", [("k1", "apple", 10), ("k2", "pear", 20)]);
        var builder = new StreamBuilder();
        builder.Stream<string, string>(scene.Topic("in")).MapValues(v => v.ToUpperInvariant()).To(scene.Topic("out"));

        await scene.StartAsync(builder.Build());

        var read = await scene.ReadAsync("out", Serdes.String, r => r.Count == 2);
        Assert.Equal([("k1", "APPLE", 10), ("k2", "PEAR", 20)], read);
    }

    [SkippableFact]
    public async Task Counts_go_on_after_a_restart_from_their_changelog()
    {
        await using var scene = new KafkaScene(broker, new TestLog(output));
        await scene.CreateAsync("in", 2);
        await scene.CreateAsync("out");
        await scene.ProduceAsync("in", Enumerable.Range(0, 100).Select(i => ($"k{i % 5}", "x", (long)i)));
        var first = await scene.StartAsync(Counts(scene));
        await scene.ReadAsync("out", Serdes.Int64, r => r.Count == 100);
        await first.StopAsync();
        Assert.Equal(KafkaStreamState.NotRunning, first.State);
        await scene.ProduceAsync("in", Enumerable.Range(0, 5).Select(i => ($"k{i}", "x", 200L)));

        var second = await scene.StartAsync(Counts(scene));

        var read = await scene.ReadAsync("out", Serdes.Int64, r => r.Count == 105);
        Assert.All(read.TakeLast(5), r => Assert.Equal(21, r.Value));
        await scene.UntilAsync(second, KafkaStreamState.Running);
        Assert.Equal(21, second.Store(QueryableStore.KeyValue<string, long>("counts")).Get("k3"));
    }

    [SkippableFact]
    public async Task Two_threads_share_the_partitions_and_answer_as_one()
    {
        await using var scene = new KafkaScene(broker, new TestLog(output));
        await scene.CreateAsync("in", 4);
        await scene.CreateAsync("out");
        var application = await scene.StartAsync(Counts(scene), c => c.ThreadCount = 2);
        await scene.UntilAsync(application, KafkaStreamState.Running);
        await scene.ProduceAsync("in", Enumerable.Range(0, 400).Select(i => ($"k{i % 40}", "x", (long)i)));
        await scene.ReadAsync("out", Serdes.Int64, r => r.Count == 400);

        var store = application.Store(QueryableStore.KeyValue<string, long>("counts"));

        Assert.Equal(40, store.Count);
        Assert.All(store.All(), entry => Assert.Equal(10, entry.Value));
        Assert.Equal([0, 1, 2, 3], application.DescribeStores().Select(s => s.Partition).Order());
        Assert.All(application.DescribeStores(), s => Assert.Equal(0, s.Lag));
    }

    [SkippableFact]
    public async Task A_second_instance_takes_over_its_share_with_its_state()
    {
        await using var scene = new KafkaScene(broker, new TestLog(output));
        await scene.CreateAsync("in", 2);
        await scene.CreateAsync("out");
        var first = await scene.StartAsync(Counts(scene));
        await scene.ProduceAsync("in", Enumerable.Range(0, 100).Select(i => ($"k{i % 10}", "x", (long)i)));
        await scene.ReadAsync("out", Serdes.Int64, r => r.Count == 100);

        var second = await scene.StartAsync(Counts(scene));
        await scene.UntilAsync(second, KafkaStreamState.Running);
        await scene.UntilAsync(first, KafkaStreamState.Running);

        await scene.ProduceAsync("in", Enumerable.Range(0, 10).Select(i => ($"k{i}", "x", 500L)));
        var read = await scene.ReadAsync("out", Serdes.Int64, r => r.Count(x => x.Value == 11) == 10);
        Assert.Equal(110, read.Count);
        Assert.NotEmpty(first.DescribeStores());
        Assert.NotEmpty(second.DescribeStores());
    }

    [SkippableFact]
    public async Task Grouping_by_another_key_goes_through_a_repartition_topic()
    {
        await using var scene = new KafkaScene(broker, new TestLog(output));
        await scene.CreateAsync("in", 3);
        await scene.CreateAsync("out");
        await scene.ProduceAsync("in", Enumerable.Range(0, 90).Select(i => ($"k{i}", $"v{i % 3}", (long)i)));
        var builder = new StreamBuilder();
        builder.Stream<string, string>(scene.Topic("in"))
            .GroupBy((_, value) => value)
            .Count(Materialized.As<string, long>("by-value"))
            .ToStream()
            .To(scene.Topic("out"));

        await scene.StartAsync(builder.Build());

        await scene.ReadAsync("out", Serdes.Int64, r => r.Count(x => x.Value == 30) == 3);
        using var admin = scene.Client.CreateAdmin();
        var topics = await admin.ListTopicsAsync(scene.GivesUp);
        Assert.Equal(3, topics[$"{scene.Id}-by-value-repartition"]);
        Assert.Equal(3, topics[$"{scene.Id}-by-value-changelog"]);
    }

    [SkippableFact]
    public async Task A_store_that_cannot_be_flushed_keeps_its_records_uncommitted()
    {
        await using var scene = new KafkaScene(broker, new TestLog(output));
        await scene.CreateAsync("in");
        await scene.ProduceAsync("in", Enumerable.Range(0, 50).Select(i => ($"k{i}", $"v{i}", (long)i)));
        var shelf = new Shelf { FailuresLeft = 2 };
        var builder = new StreamBuilder();
        builder.AddStateStore(Stores.Custom("shelf", () => new ShelfStore(shelf)));
        builder.Stream<string, string>(scene.Topic("in")).Process(() => new ShelfFiller(), stores: ["shelf"]);

        var application = await scene.StartAsync(builder.Build());

        await shelf.Until(50).WaitAsync(scene.GivesUp);
        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"v{i}").Order(), shelf.Durable.Keys.Order());
        Assert.True(shelf.Attempts > 50, "The records of the failed flushes were read again.");
        Assert.NotEqual(KafkaStreamState.Error, application.State);
    }

    [SkippableFact]
    public async Task A_processor_that_asks_for_a_commit_does_not_wait_for_the_interval()
    {
        await using var scene = new KafkaScene(broker, new TestLog(output));
        await scene.CreateAsync("in");
        await scene.ProduceAsync("in", [("k", "a", 1), ("k", "commit", 2)]);
        var shelf = new Shelf();
        var builder = new StreamBuilder();
        builder.AddStateStore(Stores.Custom("shelf", () => new ShelfStore(shelf)));
        builder.Stream<string, string>(scene.Topic("in")).Process(() => new ShelfFiller(), stores: ["shelf"]);

        await scene.StartAsync(builder.Build(), c => c.CommitInterval = TimeSpan.FromHours(1));

        await shelf.Until(2).WaitAsync(scene.GivesUp);
    }

    [SkippableFact]
    public async Task A_poison_record_stops_the_application_with_its_place()
    {
        await using var scene = new KafkaScene(broker);
        await scene.CreateAsync("in");
        await scene.ProduceAsync("in", [("k", "no number", 1)]);
        var builder = new StreamBuilder();
        builder.Stream<string, long>(scene.Topic("in")).Foreach((_, _) => { });

        var application = await scene.StartAsync(builder.Build());

        await scene.UntilAsync(application, KafkaStreamState.Error);
        var error = Assert.IsType<DeserializationException>(application.Error);
        Assert.Equal(new RecordMetadata(scene.Topic("in"), 0, 0), error.Details.Record);
        Assert.Contains($"offset 0 of {scene.Topic("in")}-0", error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_poison_record_goes_to_the_dead_letters_and_the_rest_goes_on()
    {
        await using var scene = new KafkaScene(broker, new TestLog(output));
        await scene.CreateAsync("in");
        await scene.CreateAsync("out");
        await scene.CreateAsync("dead");
        await scene.ProduceAsync("in", [("bad", "no number", 1), ("good", "12345678", 2), ("bad", "also none", 3)]);
        var builder = new StreamBuilder();
        builder.Stream<string, long>(scene.Topic("in")).MapValues(v => v.ToString("x")).To(scene.Topic("out"));
        var application = await scene.StartAsync(builder.Build(), c =>
        {
            c.DeserializationErrors = _ => ErrorResponse.DeadLetter;
            c.DeadLetterTopic = scene.Topic("dead");
        });

        var dead = await scene.ReadAsync("dead", Serdes.String, r => r.Count == 2);
        var written = await scene.ReadAsync("out", Serdes.String, r => r.Count == 1);

        Assert.Equal(["no number", "also none"], dead.Select(d => d.Value));
        Assert.Equal("good", written[0].Key);
        Assert.NotEqual(KafkaStreamState.Error, application.State);
    }

    [SkippableFact]
    public async Task Two_inputs_are_taken_in_the_order_of_their_times()
    {
        await using var scene = new KafkaScene(broker, new TestLog(output));
        await scene.CreateAsync("left");
        await scene.CreateAsync("right");
        await scene.CreateAsync("out");
        await scene.ProduceAsync("left", Enumerable.Range(0, 50).Select(i => ("k", $"l{i}", 1000 + (i * 20L))));
        await scene.ProduceAsync("right", Enumerable.Range(0, 50).Select(i => ("k", $"r{i}", 1010 + (i * 20L))));
        var builder = new StreamBuilder();
        builder.Stream<string, string>(scene.Topic("left")).Merge(builder.Stream<string, string>(scene.Topic("right"))).To(scene.Topic("out"));

        await scene.StartAsync(builder.Build());

        var read = await scene.ReadAsync("out", Serdes.String, r => r.Count == 100);
        Assert.Equal(read.OrderBy(r => r.Timestamp), read);
    }

    [SkippableFact]
    public async Task A_thread_that_fails_is_replaced_and_nothing_is_lost()
    {
        await using var scene = new KafkaScene(broker, new TestLog(output));
        await scene.CreateAsync("in", 2);
        await scene.CreateAsync("out");
        await scene.ProduceAsync("in", Enumerable.Range(0, 500).Select(i => ($"k{i}", $"v{i}", 1000L + i)));
        var failures = 3;
        var builder = new StreamBuilder();
        builder.Stream<string, string>(scene.Topic("in"))
            .Peek((_, value) =>
            {
                if (value.EndsWith("77", StringComparison.Ordinal) && Interlocked.Decrement(ref failures) >= 0)
                    throw new InvalidOperationException("A hiccup.");
            })
            .GroupByKey()
            .Count(Materialized.As<string, long>("counts"))
            .ToStream()
            .To(scene.Topic("out"));

        await scene.StartAsync(builder.Build(), c => c.UncaughtErrors = _ => UncaughtErrorResponse.ReplaceThread);

        var read = await scene.ReadAsync("out", Serdes.Int64, r => r.Select(x => x.Key).Distinct().Count() == 500);
        Assert.True(read.Count >= 500);
    }

    [SkippableFact]
    public async Task A_lambda_that_fails_names_its_node_and_the_record()
    {
        await using var scene = new KafkaScene(broker);
        await scene.CreateAsync("in");
        await scene.ProduceAsync("in", [("k", "fine", 1000), ("k", "boom", 1001)]);
        var builder = new StreamBuilder();
        builder.Stream<string, string>(scene.Topic("in"))
            .MapValues(v => v == "boom" ? throw new InvalidOperationException("No.") : v, "picky")
            .Foreach((_, _) => { });

        var application = await scene.StartAsync(builder.Build());

        await scene.UntilAsync(application, KafkaStreamState.Error);
        var error = Assert.IsType<ProcessingException>(application.Error);
        Assert.Equal("picky", error.Node);
        Assert.Equal(new RecordMetadata(scene.Topic("in"), 0, 1), error.Record);
    }

    [SkippableFact]
    public async Task A_broker_that_restarts_in_the_middle_costs_nothing()
    {
        await using var scene = new KafkaScene(broker, new TestLog(output));
        await scene.CreateAsync("in", 2);
        await scene.CreateAsync("out");
        await scene.ProduceAsync("in", Enumerable.Range(0, 200).Select(i => ($"k{i}", "x", 1000L + i)));
        var application = await scene.StartAsync(Counts(scene));
        await scene.ReadAsync("out", Serdes.Int64, r => r.Count >= 200);

        await broker.StopAsync();
        await broker.StartAgainAsync();

        await scene.ProduceAsync("in", Enumerable.Range(200, 200).Select(i => ($"k{i}", "x", 1000L + i)));
        await scene.ReadAsync("out", Serdes.Int64, r => r.Select(x => x.Key).Distinct().Count() == 400);
        Assert.NotEqual(KafkaStreamState.Error, application.State);
    }

    [SkippableFact]
    public async Task An_application_waits_for_its_input_topic()
    {
        await using var scene = new KafkaScene(broker, new TestLog(output));
        var builder = new StreamBuilder();
        builder.Stream<string, string>(scene.Topic("in")).To(scene.Topic("out"));
        var application = await scene.StartAsync(builder.Build());
        Assert.Equal(KafkaStreamState.Rebalancing, application.State);

        await scene.CreateAsync("in");
        await scene.CreateAsync("out");

        await scene.ProduceAsync("in", [("k", "v", 1000)]);
        await scene.ReadAsync("out", Serdes.String, r => r.Count == 1);
    }

    [SkippableFact]
    public async Task Windows_are_restored_with_their_times()
    {
        await using var scene = new KafkaScene(broker, new TestLog(output));
        await scene.CreateAsync("in");
        await scene.CreateAsync("out");
        Topology Windows()
        {
            var builder = new StreamBuilder();
            builder.Stream<string, string>(scene.Topic("in"))
                .GroupByKey()
                .WindowedBy(TumblingWindows.Of(TimeSpan.FromSeconds(10)).WithGrace(TimeSpan.FromHours(1)))
                .Count(Materialized.As<string, long>("windows"))
                .ToStream((windowed, _) => $"{windowed.Key}@{windowed.Window.StartMs}")
                .To(scene.Topic("out"));
            return builder.Build();
        }

        var start = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 10_000 * 10_000;
        await scene.ProduceAsync("in", [("a", "x", start + 9000), ("a", "x", start + 1000), ("a", "x", start + 15_000)]);
        var first = await scene.StartAsync(Windows());
        await scene.ReadAsync("out", Serdes.Int64, r => r.Count == 3);
        await first.StopAsync();
        await scene.ProduceAsync("in", [("a", "x", start + 2000)]);

        await scene.StartAsync(Windows());

        var read = await scene.ReadAsync("out", Serdes.Int64, r => r.Count == 4);
        Assert.Equal(($"a@{start}", 3L, start + 9000), read[3]);
    }

    [SkippableFact]
    public async Task Sessions_of_all_partitions_are_asked_for_as_one_store()
    {
        await using var scene = new KafkaScene(broker, new TestLog(output));
        await scene.CreateAsync("in", 2);
        await scene.CreateAsync("out");
        var start = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        await scene.ProduceAsync("in", Enumerable.Range(0, 10).SelectMany(i => new[] { ($"k{i}", "x", start), ($"k{i}", "x", start + 1000), ($"k{i}", "x", start + 60_000) }));
        var builder = new StreamBuilder();
        builder.Stream<string, string>(scene.Topic("in"))
            .GroupByKey()
            .WindowedBy(SessionWindows.OfInactivityGapAndGrace(TimeSpan.FromSeconds(10), TimeSpan.FromHours(1)))
            .Count(Materialized.As<string, long>("sessions"))
            .ToStream((session, _) => session.Key)
            .Filter((_, count) => count > 0)
            .To(scene.Topic("out"));
        var application = await scene.StartAsync(builder.Build());
        await scene.ReadAsync("out", Serdes.Int64, r => r.Count == 30);
        await scene.UntilAsync(application, KafkaStreamState.Running);

        var sessions = application.Store(QueryableStore.Session<string, long>("sessions"));

        Assert.Equal(
            [(start, start + 1000, 2L), (start + 60_000, start + 60_000, 1L)],
            sessions.Fetch("k3").Select(s => (s.Key.Window.StartMs, s.Key.Window.EndMs, s.Value)));
        Assert.Equal(20, sessions.Fetch(null, null).Count());
        Assert.True(sessions.TryFetchSession("k7", start, start + 1000, out var count));
        Assert.Equal(2, count);
        Assert.False(sessions.TryFetchSession("k7", start, start, out _));
    }

    private static Topology Counts(KafkaScene scene)
    {
        var builder = new StreamBuilder();
        builder.Stream<string, string>(scene.Topic("in"))
            .GroupByKey()
            .Count(Materialized.As<string, long>("counts"))
            .ToStream()
            .To(scene.Topic("out"));
        return builder.Build();
    }

    /// <summary>A database outside of Kafka: durable is what a flush took.</summary>
    private sealed class Shelf
    {
        private readonly TaskCompletionSource _filled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _wanted = int.MaxValue;

        public ConcurrentDictionary<string, bool> Durable { get; } = new();

        public int FailuresLeft { get; set; }

        public int Attempts { get; set; }

        public Task Until(int count)
        {
            _wanted = count;
            Check();
            return _filled.Task;
        }

        public void Check()
        {
            if (Durable.Count >= _wanted)
                _filled.TrySetResult();
        }
    }

    private sealed class ShelfStore(Shelf shelf) : IStateStore
    {
        private readonly List<string> _pending = [];

        public string Name => "shelf";

        public void Init(StateStoreContext context)
        {
        }

        public void Add(string value)
        {
            shelf.Attempts++;
            _pending.Add(value);
        }

        public void Flush()
        {
            if (_pending.Count > 0 && shelf.FailuresLeft > 0)
            {
                shelf.FailuresLeft--;
                throw new IOException("The disk is full.");
            }

            foreach (var value in _pending)
                shelf.Durable[value] = true;
            _pending.Clear();
            shelf.Check();
        }

        public void Close() => _pending.Clear();
    }

    private sealed class ShelfFiller : Processor<string, string>
    {
        private ShelfStore _shelf = null!;

        public override void Init() => _shelf = Context.GetStateStore<ShelfStore>("shelf");

        public override void Process(in Record<string, string> record)
        {
            _shelf.Add(record.Value);
            if (record.Value == "commit")
                Context.Commit();
        }
    }
}
