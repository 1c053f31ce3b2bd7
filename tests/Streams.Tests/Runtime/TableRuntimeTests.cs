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
}
