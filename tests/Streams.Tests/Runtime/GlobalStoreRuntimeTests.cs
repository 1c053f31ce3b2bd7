using Xunit.Abstractions;

namespace Streams.Tests.Runtime;

public sealed class GlobalStoresOnOwnBroker(OwnBroker broker, ITestOutputHelper output)
    : GlobalStoreRuntimeTests(broker, output), IClassFixture<OwnBroker>;

public sealed class GlobalStoresOnApacheKafka(ApacheKafka broker, ITestOutputHelper output)
    : GlobalStoreRuntimeTests(broker, output), IClassFixture<ApacheKafka>;

/// <summary>Stores that every instance has in full, on a broker.</summary>
public abstract class GlobalStoreRuntimeTests(Broker broker, ITestOutputHelper output)
{
    private const int People = 500;

    [SkippableFact]
    public async Task Tasks_begin_when_all_that_the_global_topic_held_is_there()
    {
        await using var scene = new KafkaScene(broker, new TestLog(output));
        await CreateTopicsAsync(scene);
        await scene.ProduceAsync("people", Everybody("old").Concat(Everybody("new")));
        await scene.ProduceAsync("in", Enumerable.Range(0, People).Select(i => ($"k{i}", $"p{i}", 1000L)));

        await scene.StartAsync(Joined(scene));

        // An inner join: a record that came before its person would give nothing.
        var read = await scene.ReadAsync("out", Serdes.String, r => r.Count == People);
        Assert.All(read, r => Assert.Equal($"p{r.Key![1..]} is new {r.Key[1..]}", r.Value));
    }

    [SkippableFact]
    public async Task Queries_find_every_partition_of_a_global_table()
    {
        await using var scene = new KafkaScene(broker, new TestLog(output));
        await CreateTopicsAsync(scene);
        await scene.ProduceAsync("people", Everybody("new"));
        var application = await scene.StartAsync(Joined(scene));
        await scene.UntilAsync(application, KafkaStreamState.Running);

        var store = application.Store(QueryableStore.KeyValue<string, string>("names"));

        Assert.Equal(People, store.Count);
        Assert.Equal("new 7", store.Get("p7"));
        Assert.Equal(People, store.All().Select(e => e.Key).Distinct().Count());
    }

    [SkippableFact]
    public async Task What_is_written_later_follows()
    {
        await using var scene = new KafkaScene(broker, new TestLog(output));
        await CreateTopicsAsync(scene);
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var builder = new StreamBuilder();
        builder.AddGlobalStore(Stores.KeyValue("names", Serdes.String, Serdes.String), scene.Topic("people"), () => new Keep(seen));
        builder.Stream<string, string>(scene.Topic("in")).Process(() => new LookUp()).To(scene.Topic("out"), Strings);
        var application = await scene.StartAsync(builder.Build());
        await scene.UntilAsync(application, KafkaStreamState.Running);

        await scene.ProduceAsync("people", [("p1", "ann", 1000), ("last", "x", 1000)]);
        await seen.Task.WaitAsync(scene.GivesUp);
        await scene.ProduceAsync("in", [("p1", "?", 2000)]);

        var read = await scene.ReadAsync("out", Serdes.String, r => r.Count == 1);
        Assert.Equal([("p1", "ann", 2000L)], read);
    }

    [SkippableFact]
    public async Task A_broker_that_restarts_in_the_middle_costs_nothing()
    {
        await using var scene = new KafkaScene(broker, new TestLog(output));
        await CreateTopicsAsync(scene);
        await scene.ProduceAsync("people", [("p1", "ann", 1000)]);
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var builder = new StreamBuilder();
        builder.AddGlobalStore(Stores.KeyValue("names", Serdes.String, Serdes.String), scene.Topic("people"), () => new Keep(seen));
        var application = await scene.StartAsync(builder.Build());
        await scene.UntilAsync(application, KafkaStreamState.Running);

        await broker.StopAsync();
        await broker.StartAgainAsync();

        await scene.ProduceAsync("people", [("last", "x", 1000)]);
        await seen.Task.WaitAsync(scene.GivesUp);
        Assert.Equal(KafkaStreamState.Running, application.State);
    }

    [SkippableFact]
    public async Task Every_instance_has_all_of_it_and_has_it_again_after_a_restart()
    {
        await using var scene = new KafkaScene(broker, new TestLog(output));
        await CreateTopicsAsync(scene);
        await scene.ProduceAsync("people", Everybody("new"));
        var first = await scene.StartAsync(Joined(scene));
        var second = await scene.StartAsync(Joined(scene));
        await scene.UntilAsync(first, KafkaStreamState.Running);
        await scene.UntilAsync(second, KafkaStreamState.Running);

        await first.StopAsync();
        var third = await scene.StartAsync(Joined(scene));
        await scene.UntilAsync(third, KafkaStreamState.Running);

        Assert.All([second, third], a => Assert.Equal(People, a.Store(QueryableStore.KeyValue<string, string>("names")).Count));
    }

    [SkippableFact]
    public async Task A_task_that_writes_a_global_store_is_told_who_may()
    {
        await using var scene = new KafkaScene(broker);
        await CreateTopicsAsync(scene);
        await scene.ProduceAsync("in", [("k", "v", 1000)]);
        var builder = new StreamBuilder();
        builder.AddGlobalStore(Stores.KeyValue("names", Serdes.String, Serdes.String), scene.Topic("people"), () => new Keep(new()));
        builder.Stream<string, string>(scene.Topic("in")).Process(() => new Meddler());

        var application = await scene.StartAsync(builder.Build());

        await scene.UntilAsync(application, KafkaStreamState.Error);
        Assert.Contains("'names' is a global store: tasks only read it", application.Error!.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_record_that_a_global_store_cannot_take_stops_the_application_with_its_place()
    {
        await using var scene = new KafkaScene(broker);
        await CreateTopicsAsync(scene);
        await scene.CreateAsync("numbers");
        await scene.ProduceAsync("numbers", [("k", "no number", 1000)]);
        var builder = new StreamBuilder();
        builder.GlobalTable<string, long>(scene.Topic("numbers"));
        builder.Stream<string, string>(scene.Topic("in")).To(scene.Topic("out"));

        var application = await scene.StartAsync(builder.Build());

        await scene.UntilAsync(application, KafkaStreamState.Error);
        Assert.Equal(new RecordMetadata(scene.Topic("numbers"), 0, 0), Assert.IsType<DeserializationException>(application.Error).Details.Record);
    }

    [SkippableFact]
    public async Task When_a_running_global_thread_fails_the_handler_is_told_and_the_application_stops_whatever_it_answers_as_in_Kafka_Streams()
    {
        await using var scene = new KafkaScene(broker);
        await CreateTopicsAsync(scene);
        await scene.CreateAsync("numbers");
        var builder = new StreamBuilder();
        builder.GlobalTable<string, long>(scene.Topic("numbers"));
        builder.Stream<string, string>(scene.Topic("in")).To(scene.Topic("out"));
        var told = new List<Exception>();
        var application = await scene.StartAsync(builder.Build(), c => c.UncaughtErrors = error =>
        {
            told.Add(error);
            return UncaughtErrorResponse.ReplaceThread;
        });
        await scene.UntilAsync(application, KafkaStreamState.Running);

        await scene.ProduceAsync("numbers", [("k", "no number", 1000)]);

        await scene.UntilAsync(application, KafkaStreamState.Error);
        Assert.Same(application.Error, Assert.Single(told));
        Assert.Equal(new RecordMetadata(scene.Topic("numbers"), 0, 0), Assert.IsType<DeserializationException>(application.Error).Details.Record);
    }

    [SkippableFact]
    public async Task A_description_of_the_stores_has_the_global_ones()
    {
        await using var scene = new KafkaScene(broker, new TestLog(output));
        await CreateTopicsAsync(scene);
        await scene.ProduceAsync("people", Everybody("new"));
        var application = await scene.StartAsync(Joined(scene));
        await scene.UntilAsync(application, KafkaStreamState.Running);

        var names = Assert.Single(application.DescribeStores());

        Assert.Equal(new StoreDescription("names", Partition: -1, new TaskId(-1, -1), People, Lag: 0), names);
    }

    [SkippableFact]
    public async Task A_topology_of_global_stores_alone_runs_without_tasks()
    {
        await using var scene = new KafkaScene(broker, new TestLog(output));
        await CreateTopicsAsync(scene);
        await scene.ProduceAsync("people", Everybody("new"));
        var builder = new StreamBuilder();
        builder.GlobalTable(scene.Topic("people"), null, Materialized.As<string, string>("names"));

        var application = await scene.StartAsync(builder.Build());

        await scene.UntilAsync(application, KafkaStreamState.Running);
        Assert.Equal(People, application.Store(QueryableStore.KeyValue<string, string>("names")).Count);
        await application.StopAsync();
        Assert.Equal(KafkaStreamState.NotRunning, application.State);
    }

    [SkippableFact]
    public async Task An_application_waits_for_its_global_topic()
    {
        await using var scene = new KafkaScene(broker, new TestLog(output));
        await scene.CreateAsync("in");
        var application = await scene.StartAsync(Joined(scene));
        Assert.Equal(KafkaStreamState.Rebalancing, application.State);

        await scene.CreateAsync("people");

        await scene.UntilAsync(application, KafkaStreamState.Running);
    }

    private static Produced<string, string> Strings => Produced.With(Serdes.String, Serdes.String);

    private static IEnumerable<(string, string, long)> Everybody(string what) => Enumerable.Range(0, People).Select(i => ($"p{i}", $"{what} {i}", 500L));

    private static async Task CreateTopicsAsync(KafkaScene scene)
    {
        await scene.CreateAsync("in", 2);
        await scene.CreateAsync("people", 3);
        await scene.CreateAsync("out");
    }

    private static Topology Joined(KafkaScene scene)
    {
        var builder = new StreamBuilder();
        var people = builder.GlobalTable(scene.Topic("people"), null, Materialized.As<string, string>("names"));
        builder.Stream<string, string>(scene.Topic("in"))
            .Join(people, (_, id) => id, (id, name) => $"{id} is {name}")
            .To(scene.Topic("out"), Strings);
        return builder.Build();
    }

    private sealed class Keep(TaskCompletionSource seen) : Processor<string, string>
    {
        private IKeyValueStore<string, string> _names = null!;

        public override void Init() => _names = Context.GetStateStore<IKeyValueStore<string, string>>("names");

        public override void Process(in Record<string, string> record)
        {
            _names.Put(record.Key, record.Value);
            if (_names.Get("p1") is not null && _names.Get("last") is not null)
                seen.TrySetResult();
        }
    }

    private sealed class LookUp : Processor<string, string, string, string>
    {
        public override void Process(in Record<string, string> record) =>
            Context.Forward(record.WithValue(Context.GetStateStore<IKeyValueStore<string, string>>("names").Get(record.Key)!));
    }

    private sealed class Meddler : Processor<string, string>
    {
        public override void Process(in Record<string, string> record) =>
            Context.GetStateStore<IKeyValueStore<string, string>>("names").Put(record.Key, record.Value);
    }
}
