using Monitor.Nodes;
using Streams.Contracts.V1;

namespace Monitor.Tests.Pipeline;

public sealed class NodePipelineTests
{
    [Fact]
    public void A_node_that_falls_silent_is_told_once_and_comes_back_once()
    {
        using var pipeline = new PipelineFixture();
        pipeline.Pass(0.2);
        pipeline.Beat(1);

        pipeline.Pass(60);
        Assert.Equal(["n1 Unspecified->Up", "n1 Up->Suspect", "n1 Suspect->Down"], pipeline.TakeEvents());
        Assert.Null(Assert.Single(pipeline.Store.Alerts.Values).Ends);
        pipeline.Beat(2);
        pipeline.Pass(1);

        Assert.Equal(["n1 Down->Up"], pipeline.TakeEvents());
        Assert.NotNull(Assert.Single(pipeline.Store.Alerts.Values).Ends);
        var alerts = pipeline.AlertTopic.ReadKeyValuesToList();
        Assert.Equal(2, alerts.Count);
        Assert.Equal(alerts[0].Key, alerts[1].Key);
    }

    [Fact]
    public void A_heartbeat_sent_twice_counts_once()
    {
        using var pipeline = new PipelineFixture();
        pipeline.Beat(1);
        pipeline.Pass(5);
        pipeline.Beat(2);
        pipeline.Beat(2);
        pipeline.Beat(1);

        var window = Assert.Single(pipeline.Windows.All());
        Assert.Equal((2UL, 5_000L), (window.Value.Received, window.Value.MaxGap));
    }

    [Fact]
    public void Nobody_is_judged_before_all_heartbeats_were_read()
    {
        using var pipeline = new PipelineFixture();
        pipeline.Evidence.Now = () => null;
        pipeline.Beat(1);

        pipeline.Pass(120);
        Assert.Equal(["n1 Unspecified->Up"], pipeline.TakeEvents());
        var stuck = pipeline.Now.ToUnixTimeMilliseconds();
        pipeline.Evidence.Now = () => stuck;
        pipeline.Pass(120);

        Assert.Empty(pipeline.TakeEvents());
    }

    [Fact]
    public void A_monitor_that_has_just_started_gives_everyone_one_period_to_be_heard()
    {
        using var before = new PipelineFixture();
        before.Pass(0.2);
        before.Beat(1);
        before.Pass(1);
        // Everything is off for an hour: the monitor, and with it perhaps the way to it.
        before.Evidence.Now = () => null;
        before.Pass(1);
        using var after = new PipelineFixture(restored: before);

        after.Pass(7);
        Assert.Empty(after.TakeEvents());
        after.Beat(1);
        after.Beat(2);
        after.Pass(7);
        Assert.Empty(after.TakeEvents());

        after.Pass(20);
        Assert.Equal(["n1 Up->Suspect", "n1 Suspect->Down"], after.TakeEvents());
    }

    [Fact]
    public void After_a_restart_a_node_that_was_Down_is_Down_and_nothing_is_told_again()
    {
        using var before = new PipelineFixture();
        before.Pass(0.2);
        before.Beat(1);
        before.Pass(60);
        using var after = new PipelineFixture(restored: before);

        after.Pass(60);

        Assert.Equal(NodeState.Down, after.Nodes.Get("n1")!.State);
        Assert.Empty(after.TakeEvents());
        Assert.Empty(after.AlertTopic.ReadValuesToList());
    }

    [Fact]
    public void A_change_that_a_crash_left_unconfirmed_is_told_again_word_for_word()
    {
        using var before = new PipelineFixture();
        before.Pass(0.2);
        before.Beat(1);
        before.Pass(14.9);
        while (before.Nodes.Get("n1")!.State != NodeState.Down)
            before.Pass(0.1);
        var told = before.EventTopic.ReadValuesToList()[^1];
        var alert = before.AlertTopic.ReadValuesToList()[^1];
        Assert.NotEmpty(before.Nodes.Get("n1")!.Unconfirmed);
        using var after = new PipelineFixture(restored: before);

        after.Pass(5);

        Assert.Equal(told, Assert.Single(after.EventTopic.ReadValuesToList()));
        Assert.Equal(alert, Assert.Single(after.AlertTopic.ReadValuesToList()));
        Assert.Equal(before.Store.Alerts.Keys, after.Store.Alerts.Keys);
        Assert.Empty(after.Nodes.Get("n1")!.Unconfirmed);
    }

    [Fact]
    public void When_most_nodes_fall_silent_at_once_there_is_one_alert_and_nobody_is_Down()
    {
        using var pipeline = new PipelineFixture();
        pipeline.Pass(0.2);
        for (var node = 0; node < 20; node++)
            pipeline.Beat(1, $"n{node:D2}");

        pipeline.Pass(60);
        Assert.DoesNotContain(pipeline.TakeEvents(), e => e.EndsWith("Down", StringComparison.Ordinal));
        Assert.Contains("20 of 20", Assert.Single(pipeline.Store.Alerts.Values).Summary, StringComparison.Ordinal);
        for (var node = 1; node < 20; node++)
            pipeline.Beat(2, $"n{node:D2}");
        pipeline.Pass(1);
        Assert.NotNull(Assert.Single(pipeline.Store.Alerts.Values).Ends);

        // Whoever stays silent now is judged by itself, from the end of the outage on.
        pipeline.TakeEvents();
        pipeline.Pass(5);
        for (var node = 1; node < 20; node++)
            pipeline.Beat(3, $"n{node:D2}");
        pipeline.Pass(5);
        for (var node = 1; node < 20; node++)
            pipeline.Beat(4, $"n{node:D2}");
        pipeline.Pass(7);
        Assert.Equal(["n00 Suspect->Down"], pipeline.TakeEvents().Where(e => e.StartsWith("n00", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_guard_gives_in_when_the_nodes_are_really_gone()
    {
        using var pipeline = new PipelineFixture(o => o.Detection.MassSilenceHoldMax = TimeSpan.FromSeconds(30));
        pipeline.Pass(0.2);
        for (var node = 0; node < 10; node++)
            pipeline.Beat(1, $"n{node}");

        pipeline.Pass(120);

        Assert.Equal(10, pipeline.TakeEvents().Count(e => e.EndsWith("Suspect->Down", StringComparison.Ordinal)));
        Assert.Equal(11, pipeline.Store.Alerts.Count);
        Assert.Single(pipeline.Store.Alerts.Values, a => a.Ends is not null);
    }

    [Fact]
    public void Few_silent_nodes_among_many_are_judged_by_themselves()
    {
        using var pipeline = new PipelineFixture();
        pipeline.Pass(0.2);
        for (ulong beat = 1; beat <= 8; beat++)
        {
            for (var node = 0; node < 10; node++)
            {
                if (node > 2 || beat == 1)
                    pipeline.Beat(beat, $"n{node}");
            }

            pipeline.Pass(5);
        }

        Assert.Equal(
            ["n0 Suspect->Down", "n1 Suspect->Down", "n2 Suspect->Down"],
            pipeline.TakeEvents().Where(e => e.EndsWith("Down", StringComparison.Ordinal)).Order());
    }

    [Fact]
    public void Maintenance_keeps_a_silent_node_quiet()
    {
        using var pipeline = new PipelineFixture();
        pipeline.Pass(0.2);
        pipeline.Beat(1);
        pipeline.Maintain("n1", pipeline.Now.AddMinutes(2));
        pipeline.Maintain("nobody", pipeline.Now.AddMinutes(2));

        pipeline.Pass(100);
        Assert.Equal(["n1 Unspecified->Up", "n1 Up->Maintenance"], pipeline.TakeEvents());
        pipeline.Pass(60);

        Assert.Equal(["n1 Maintenance->Suspect", "n1 Suspect->Down"], pipeline.TakeEvents());
        Assert.Single(pipeline.Nodes.All());
    }

    [Fact]
    public void A_goodbye_raises_nothing()
    {
        using var pipeline = new PipelineFixture();
        pipeline.Pass(0.2);
        pipeline.Beat(1);
        pipeline.Beat(2, reported: NodeState.Left);

        pipeline.Pass(60);

        Assert.Equal(["n1 Unspecified->Up", "n1 Up->Left"], pipeline.TakeEvents());
        Assert.Empty(pipeline.Store.Alerts);
    }
}
