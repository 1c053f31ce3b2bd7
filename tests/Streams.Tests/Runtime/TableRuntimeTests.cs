using Xunit.Abstractions;

namespace Streams.Tests.Runtime;

/// <summary>Tables on a broker: what a test driver with its one partition cannot show.</summary>
public sealed class TableRuntimeTests(OwnBroker broker, ITestOutputHelper output) : IClassFixture<OwnBroker>
{
    [SkippableFact]
    public async Task A_table_without_a_changelog_is_restored_from_its_own_topic_up_to_what_was_committed()
    {
        await using var scene = new KafkaScene(broker, new TestLog(output));
        await scene.CreateAsync("in");
        await scene.CreateAsync("out");
        Topology Groups()
        {
            var builder = new StreamBuilder();
            builder.Table<string, string>(scene.Topic("in"))
                .GroupBy((_, color) => KeyValue.Pair(color, color))
                .Count(Materialized.As<string, long>("colors"))
                .ToStream()
                .To(scene.Topic("out"));
            return builder.Build(TopologyOptimization.ReuseTableSourceTopics);
        }

        await scene.ProduceAsync("in", [("k", "red", 1000)]);
        var first = await scene.StartAsync(Groups());
        await scene.ReadAsync("out", Serdes.Int64, r => r.Count == 1);
        await first.StopAsync();
        await scene.ProduceAsync("in", [("k", "blue", 2000)]);

        await scene.StartAsync(Groups());

        // Had the restored table held 'blue' already, nothing would have left 'red'.
        var read = await scene.ReadAsync("out", Serdes.Int64, r => r.Count == 3);
        Assert.Equal([("red", 1L, 1000L), ("red", 0L, 2000L), ("blue", 1L, 2000L)], read);
    }

    [SkippableFact]
    public async Task A_join_of_topics_with_different_numbers_of_partitions_stops_the_application_and_says_what_to_do()
    {
        await using var scene = new KafkaScene(broker);
        await scene.CreateAsync("left", 2);
        await scene.CreateAsync("right", 3);
        var builder = new StreamBuilder();
        builder.Stream<string, string>(scene.Topic("left")).Join(builder.Table<string, string>(scene.Topic("right")), (x, y) => x + y);

        var application = await scene.StartAsync(builder.Build());

        await scene.UntilAsync(application, KafkaStreamState.Error);
        Assert.Contains("different numbers of partitions", application.Error!.Message, StringComparison.Ordinal);
        Assert.Contains("send one stream through Repartition", application.Error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_read_only_store_comes_back_from_its_topic()
    {
        await using var scene = new KafkaScene(broker, new TestLog(output));
        await scene.CreateAsync("people", 2);
        await scene.CreateAsync("in", 2);
        await scene.CreateAsync("out");
        await scene.ProduceAsync("people", Enumerable.Range(0, 50).Select(i => ($"k{i}", $"name {i}", 1000L)));
        await scene.ProduceAsync("in", Enumerable.Range(0, 50).Select(i => ($"k{i}", "?", 2000L)));
        var first = await scene.StartAsync(LookUps(scene));
        await scene.ReadAsync("out", Serdes.String, r => r.Count == 50);
        await first.StopAsync();
        await scene.ProduceAsync("in", Enumerable.Range(0, 50).Select(i => ($"k{i}", "?", 3000L)));

        await scene.StartAsync(LookUps(scene));

        var read = await scene.ReadAsync("out", Serdes.String, r => r.Count == 100);
        Assert.All(read.TakeLast(50), r => Assert.Equal($"name {r.Key![1..]}", r.Value));
        using var admin = scene.Client.CreateAdmin();
        Assert.DoesNotContain($"{scene.Id}-names-changelog", (await admin.ListTopicsAsync(scene.GivesUp)).Keys);
    }

    private static Topology LookUps(KafkaScene scene) => new Topology()
        .AddReadOnlyStateStore(
            Stores.KeyValue("names", Serdes.String, Serdes.String), "people", Serdes.String, Serdes.String, scene.Topic("people"), "keep", () => new Keep())
        .AddSource("source", Serdes.String, Serdes.String, scene.Topic("in"))
        .AddProcessor("look-up", () => new LookUp(), "source")
        .ConnectProcessorAndStateStores("look-up", "names")
        .AddSink("sink", scene.Topic("out"), Serdes.String, Serdes.String, "look-up");

    [SkippableFact]
    public async Task A_foreign_key_join_finds_its_way_between_the_partitions_of_both_tables()
    {
        const int Rows = 60;
        await using var scene = new KafkaScene(broker, new TestLog(output));
        await scene.CreateAsync("left", 3);
        await scene.CreateAsync("right", 2);
        await scene.CreateAsync("out", 3);
        var builder = new StreamBuilder();
        builder.Table<string, string>(scene.Topic("left"))
            .Join(builder.Table<string, string>(scene.Topic("right")), v => v, (left, right) => $"{left}+{right}")
            .ToStream()
            .To(scene.Topic("out"));
        await scene.ProduceAsync("right", Enumerable.Range(0, 10).Select(i => ($"r{i}", $"R{i}", 1000L)));
        await scene.ProduceAsync("left", Enumerable.Range(0, Rows).Select(i => ($"k{i}", $"r{i % 10}", 1000L)));

        await scene.StartAsync(builder.Build());

        var read = await scene.ReadAsync("out", Serdes.String, r => r.Select(x => x.Key).Distinct().Count() == Rows);
        Assert.All(read, r => Assert.Equal($"r{int.Parse(r.Key![1..], null) % 10}+R{int.Parse(r.Key[1..], null) % 10}", r.Value));
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
