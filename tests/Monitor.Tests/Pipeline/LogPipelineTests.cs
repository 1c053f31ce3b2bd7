using Monitor.Live;
using Streams.Contracts.V1;

namespace Monitor.Tests.Pipeline;

public sealed class LogPipelineTests
{
    [Fact]
    public void A_log_sent_twice_is_stored_once_and_alerts_once()
    {
        using var pipeline = new PipelineFixture();

        pipeline.Log(1, "disk full", Severity.Error);
        pipeline.Log(1, "disk full", Severity.Error);
        pipeline.Log(2, "fine");
        pipeline.Log(1, "disk full", Severity.Error);

        Assert.Equal(["n1:1:1", "n1:1:2"], pipeline.Store.Logs.Keys);
        Assert.Equal(2, pipeline.Store.Added);
        var alert = Assert.Single(pipeline.AlertTopic.ReadKeyValuesToList());
        Assert.Equal(alert.Key, alert.Value.Fingerprint);
        Assert.Equal("disk full", alert.Value.Summary);
        Assert.Single(pipeline.Store.Alerts);
    }

    [Fact]
    public void Every_log_from_WARN_up_is_an_alert_of_its_own_and_like_causes_share_a_fingerprint()
    {
        using var pipeline = new PipelineFixture();
        Severity[] severities = [Severity.Unspecified, Severity.Trace, Severity.Debug, Severity.Info, Severity.Warn, Severity.Error, Severity.Fatal];
        foreach (var (severity, i) in severities.Select((s, i) => (s, i)))
        {
            pipeline.Log((ulong)(i * 2) + 1, "took 1 ms", severity);
            pipeline.Log((ulong)(i * 2) + 2, "took 2 ms", severity);
        }

        Assert.Equal(6, pipeline.Store.Alerts.Count);
        Assert.Equal(3, pipeline.AlertTopic.ReadValuesToList().Select(a => a.Fingerprint).Distinct().Count());
    }

    [Fact]
    public void A_log_without_a_position_is_kept_under_its_offset()
    {
        using var pipeline = new PipelineFixture();

        pipeline.Log(0, "from somewhere else");
        pipeline.Log(0, "from somewhere else");

        Assert.Equal(["logs:0:0", "logs:0:1"], pipeline.Store.Logs.Keys);
    }

    [Fact]
    public void A_watcher_sees_a_log_once_and_before_it_is_stored()
    {
        using var pipeline = new PipelineFixture();
        var seen = new List<(string Message, int Stored)>();
        using var watching = pipeline.Live.Logs.TrySubscribe(log =>
        {
            seen.Add((log.Message, pipeline.Store.Logs.Count));
            return true;
        });

        pipeline.Log(1, "look");
        pipeline.Log(1, "look");

        Assert.Equal([("look", 0)], seen);
    }

    // At least once, then exactly once by id: the state that comes back is ahead of the offsets, as after kill -9 between the two.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(9)]
    public void After_a_crash_what_is_read_again_passes_again_and_what_is_sent_again_does_not(int committed)
    {
        using var before = new PipelineFixture();
        for (var i = 1; i <= 9; i++)
            before.Log((ulong)i, $"warning {i}", Severity.Warn);
        using var after = new PipelineFixture(restored: before);
        // The driver counts offsets from 0: these stand for the records before the committed offset, which had come out.
        var outputs = before.Store.Alerts.Keys.Take(committed).ToHashSet();

        for (var i = 1; i <= 9; i++)
            after.Log((ulong)i, $"warning {i}", Severity.Warn);
        for (var i = 7; i <= 9; i++)
            after.Log((ulong)i, $"warning {i}", Severity.Warn);
        after.Log(10, "warning 10", Severity.Warn);

        outputs.UnionWith(after.Store.Alerts.Keys);
        Assert.Equal(10, outputs.Count);
        Assert.Equal(10, after.Store.Added);
    }

    [Fact]
    public async Task A_watcher_who_is_too_slow_is_cut_off_and_told()
    {
        using var pipeline = new PipelineFixture(o => o.Queries.SubscriberBufferRecords = 3);
        using var slow = pipeline.Live.Logs.TrySubscribe(_ => true)!;
        using var picky = pipeline.Live.Logs.TrySubscribe(l => l.Message == "log 5")!;
        for (var i = 1; i <= 5; i++)
            pipeline.Log((ulong)i, $"log {i}");

        var seen = new List<string>();
        await Assert.ThrowsAsync<SlowWatcherException>(async () =>
        {
            await foreach (var log in slow.ReadAllAsync(default))
                seen.Add(log.Message);
        });

        Assert.Equal(["log 1", "log 2", "log 3"], seen);
        var one = picky.ReadAllAsync(default).GetAsyncEnumerator();
        Assert.True(await one.MoveNextAsync());
        Assert.Equal("log 5", one.Current.Message);
        Assert.Equal(5, pipeline.Store.Logs.Count);
    }

    [Fact]
    public void There_are_only_so_many_watchers()
    {
        var feed = new LiveFeed<int>(1, watchersMax: 1);
        using (feed.TrySubscribe(_ => true))
            Assert.Null(feed.TrySubscribe(_ => true));

        Assert.NotNull(feed.TrySubscribe(_ => true));
    }
}
