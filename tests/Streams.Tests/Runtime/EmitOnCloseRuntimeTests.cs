using Kafka;
using Streams.Processing;
using Streams.Runtime;
using Xunit.Abstractions;

namespace Streams.Tests.Runtime;

public sealed class EmitOnCloseOnOwnBroker(OwnBroker broker, ITestOutputHelper output)
    : EmitOnCloseRuntimeTests(broker, output), IClassFixture<OwnBroker>;

public sealed class EmitOnCloseOnApacheKafka(ApacheKafka broker, ITestOutputHelper output)
    : EmitOnCloseRuntimeTests(broker, output), IClassFixture<ApacheKafka>;

/// <summary>Final results across restarts: what was committed as sent is not sent again, what was not is.</summary>
/// <remarks>
/// Windows of 10 ms with 5 ms of grace, in a store that keeps them for an hour, so that it could give them again. The first record of an application that
/// closes anything makes it look at once; further looks wait for a second of wall clock, which no test here needs.
/// </remarks>
public abstract class EmitOnCloseRuntimeTests(Broker broker, ITestOutputHelper output)
{
    private const string Store = "counts";

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_final_result_that_was_committed_is_not_sent_again_after_a_restart(bool sessions)
    {
        await using var scene = new KafkaScene(broker, new TestLog(output));
        await SetAsync(scene);
        var first = await scene.StartAsync(Counts(scene, sessions));
        await scene.ReadAsync("out", Serdes.Int64, r => r.Count == 1);
        await first.StopAsync();
        await scene.ProduceAsync("in", [("end", "x", 1_000)]);

        await scene.StartAsync(Counts(scene, sessions));

        var read = await scene.ReadAsync("out", Serdes.Int64, r => r.Any(x => x.Key == "other"));
        Assert.Equal([("k", 2L), ("other", 1L)], read.Select(r => (r.Key!, r.Value)));
    }

    [SkippableFact]
    public async Task How_far_results_were_sent_is_committed_under_the_stores_name()
    {
        await using var scene = new KafkaScene(broker, new TestLog(output));
        await SetAsync(scene);
        var first = await scene.StartAsync(Counts(scene));
        await scene.ReadAsync("out", Serdes.Int64, r => r.Count == 1);
        await first.StopAsync();

        using var consumer = scene.Client.CreateConsumer(new() { GroupId = scene.Id });
        var committed = consumer.Committed([new(scene.Topic("in"), 0)], TimeSpan.FromMinutes(1));

        var metadata = new ProcessorMetadata();
        Assert.True(OffsetMetadata.TryDecode(Assert.Single(committed).Metadata, out var time, metadata, out _));
        Assert.Equal(100, time);
        Assert.Equal(95, metadata[Store]);
    }

    [SkippableFact]
    public async Task A_final_result_is_sent_again_where_the_application_died_before_it_was_committed()
    {
        await using var scene = new KafkaScene(broker, new TestLog(output));
        await SetAsync(scene);
        var deaths = 1;
        var topology = Counts(scene, sessions: false, value =>
        {
            if (value == "poison" && Interlocked.Decrement(ref deaths) >= 0)
                throw new InvalidOperationException("Dies here.");
        });
        await scene.StartAsync(topology, c =>
        {
            c.CommitInterval = TimeSpan.FromHours(1);
            c.UncaughtErrors = _ => UncaughtErrorResponse.ReplaceThread;
        });
        await scene.ReadAsync("out", Serdes.Int64, r => r.Count == 1);

        await scene.ProduceAsync("in", [("other", "poison", 101)]);

        var read = await scene.ReadAsync("out", Serdes.Int64, r => r.Count(x => x.Key == "k") == 2);
        Assert.All(read, r => Assert.Equal("k", r.Key));
    }

    [SkippableTheory]
    [InlineData("someone else's note")]
    [InlineData("/////w==")]
    [InlineData("AgAAAAAAAAAKAAAAAg==")]
    public async Task Metadata_that_cannot_be_read_is_logged_and_costs_no_result(string metadata)
    {
        var log = new TestLog(output);
        await using var scene = new KafkaScene(broker, log);
        await SetAsync(scene);
        using (var consumer = scene.Client.CreateConsumer(new() { GroupId = scene.Id }))
            consumer.Commit([new(new(scene.Topic("in"), 0), 0, metadata)], TimeSpan.FromMinutes(1));

        await scene.StartAsync(Counts(scene));

        await scene.ReadAsync("out", Serdes.Int64, r => r.Count == 1);
        Assert.Contains(log.Lines, line => line.Contains($"is committed for {scene.Topic("in")}-0 cannot be read", StringComparison.Ordinal));
    }

    private static async Task SetAsync(KafkaScene scene)
    {
        await scene.CreateAsync("in");
        await scene.CreateAsync("out");
        await scene.ProduceAsync("in", [("k", "x", 1), ("k", "x", 2), ("other", "x", 100)]);
    }

    private static Topology Counts(KafkaScene scene, bool sessions = false, Action<string>? see = null)
    {
        var builder = new StreamBuilder();
        var grouped = builder.Stream<string, string>(scene.Topic("in")).Peek((_, value) => see?.Invoke(value)).GroupByKey();
        var counts = Materialized.As<string, long>(Store).WithRetention(TimeSpan.FromHours(1));
        var (span, grace) = (TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(5));
        var table = sessions
            ? grouped.WindowedBy(SessionWindows.OfInactivityGapAndGrace(span, grace)).EmitStrategy(EmitStrategy.OnWindowClose).Count(counts)
            : grouped.WindowedBy(TumblingWindows.OfSizeAndGrace(span, grace)).EmitStrategy(EmitStrategy.OnWindowClose).Count(counts);
        table.ToStream((windowed, _) => windowed.Key).To(scene.Topic("out"));
        return builder.Build();
    }
}
