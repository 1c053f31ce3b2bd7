using Kafka;
using Streams.Query;
using TestKit;
using Xunit.Abstractions;

namespace Streams.Tests.Runtime;

/// <summary>What the meter of an application at work tells.</summary>
public sealed class EngineMetricsTests(OwnBroker broker, ITestOutputHelper output) : IClassFixture<OwnBroker>, IDisposable
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly TestMeters _meters = new();

    [SkippableFact]
    public async Task Each_dropped_record_is_counted_with_its_reason()
    {
        using var readings = new MeterReadings(_meters);
        await using var scene = new KafkaScene(broker, new TestLog(output)) { Meters = _meters };
        await scene.CreateAsync("in");
        await scene.CreateAsync("out");
        var builder = new StreamBuilder();
        builder.Stream<string, string>(scene.Topic("in"))
            .Filter((_, value) => value == "fails" ? throw new InvalidOperationException("as told") : true)
            .GroupByKey()
            .WindowedBy(TumblingWindows.OfSizeWithNoGrace(Minute))
            .Count()
            .ToStream((window, _) => window.Key)
            .To(scene.Topic("out"));

        Assert.Null(readings["streams.dropped.records"]);
        var application = await scene.StartAsync(builder.Build(), config => config.ProcessingErrors = _ => ErrorResponse.Continue);
        Assert.Equal(0, readings["streams.dropped.records", "reason=late"]);
        await scene.ProduceAsync("in",
            [("a", "first", 600_000), ("a", "late", 10_000), (null!, "without a key", 600_000), ("a", "fails", 600_000), ("a", "last", 600_001)]);
        await scene.ReadAsync("out", Serdes.Int64, read => read.Any(r => r.Value == 2));
        await application.StopAsync();

        Assert.Equal(
            (1, 1, 1, 0),
            (readings["streams.dropped.records", "reason=late"],
                readings["streams.dropped.records", "reason=no_key"],
                readings["streams.dropped.records", "reason=failed"],
                readings["streams.dropped.records", "reason=unreadable"]));
    }

    [SkippableFact]
    public async Task A_store_tells_what_it_holds_what_it_takes_and_who_asks_it()
    {
        using var readings = new MeterReadings(_meters);
        await using var scene = new KafkaScene(broker, new TestLog(output)) { Meters = _meters };
        await scene.CreateAsync("in");
        await scene.CreateAsync("out");
        var builder = new StreamBuilder();
        builder.Stream<string, string>(scene.Topic("in"))
            .GroupByKey()
            .Count(Materialized.As<string, long>("counts"))
            .ToStream()
            .To(scene.Topic("out"));
        var application = scene.Application(builder.Build());
        var counts = application.Store(QueryableStore.KeyValue<string, long>("counts"));

        Assert.Throws<StoreNotReadyException>(() => counts.Get("a"));
        await application.StartAsync();
        await scene.ProduceAsync("in", [("a", "1", 5_000), ("b", "2", 1_000), ("a", "3", 5_000)]);
        await scene.ReadAsync("out", Serdes.Int64, read => read.Count == 3);

        Assert.Equal(2, counts.Get("a"));
        using (var rows = counts.All().GetEnumerator())
        {
            Assert.True(rows.MoveNext());
            Assert.Equal(1, readings["streams.state_store.open_iterators", "store=counts"]);
        }

        Assert.True(readings["streams.state_store.open_iterators", "store=counts"] == 0, $"{readings}");
        Assert.Equal(2, readings["streams.state_store.records", "store=counts"]);
        Assert.Equal(1, readings["streams.interactive_query.requests", "store=counts", "result=not_ready"]);
        Assert.Equal(2, readings["streams.interactive_query.requests", "store=counts", "result=answered"]);
        Assert.Equal(0, readings["streams.interactive_query.requests", "store=counts", "result=failed"]);
        Assert.Equal(3, readings["streams.interactive_query.duration", "store=counts"]);
        Assert.Equal(1, readings["streams.state_store.operation.duration", "store=counts", "operation=get"]);
        Assert.True(readings["streams.record.lateness"] >= 1, $"{readings}");
        Assert.Equal(0, readings["streams.input.buffer"]);

        // Objects in memory: nobody knows their size.
        Assert.Null(readings["streams.state_store"]);
        await application.StopAsync();
    }

    [SkippableFact]
    public async Task A_store_whose_writer_is_stuck_tells_what_it_said_last()
    {
        using var readings = new MeterReadings(_meters);
        await using var scene = new KafkaScene(broker, new TestLog(output)) { Meters = _meters };
        await scene.CreateAsync("in");
        var stuck = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var wayFree = new ManualResetEventSlim();
        var builder = new StreamBuilder();
        builder.Stream<string, string>(scene.Topic("in"))
            .GroupByKey()
            .Count(Materialized.As<string, long>("counts"))
            .ToStream()
            .Foreach((key, _) =>
            {
                if (key != "waits")
                    return;
                stuck.TrySetResult();
                wayFree.Wait();
            });
        var application = await scene.StartAsync(builder.Build());
        await scene.ProduceAsync("in", [("a", "1", 1), ("b", "2", 2)]);
        while (readings["streams.state_store.records", "store=counts"] != 2)
            await Task.Yield();

        await scene.ProduceAsync("in", [("waits", "3", 3)]);
        await stuck.Task.WaitAsync(Minute);

        Assert.Equal(2, readings["streams.state_store.records", "store=counts"]);
        Assert.Equal(2, Assert.Single(application.DescribeStores()).Entries);
        wayFree.Set();
        await application.StopAsync();
    }

    [SkippableFact]
    public async Task The_record_cache_tells_what_it_holds_and_may_hold()
    {
        using var readings = new MeterReadings(_meters);
        await using var scene = new KafkaScene(broker, new TestLog(output)) { Meters = _meters };
        await scene.CreateAsync("in");
        await scene.CreateAsync("out");
        var builder = new StreamBuilder();
        var stream = builder.Stream<string, string>(scene.Topic("in"));
        stream.GroupByKey().Count(Materialized.As<string, long>("counts").WithCachingEnabled());
        stream.To(scene.Topic("out"));
        var application = await scene.StartAsync(builder.Build(), config =>
        {
            config.CacheBytesMax = 1 << 20;
            config.CommitInterval = TimeSpan.FromMinutes(10);
        });

        await scene.ProduceAsync("in", [("a", "1", 1)]);
        await scene.ReadAsync("out", Serdes.String, read => read.Count == 1);

        Assert.True(readings["streams.cache"] > 0, $"{readings}");
        Assert.Equal(1 << 20, readings["streams.cache.limit"]);
        await application.StopAsync();
        Assert.Equal(0, readings["streams.cache"]);
    }

    public void Dispose() => _meters.Dispose();
}
