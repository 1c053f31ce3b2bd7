using FsCheck;
using FsCheck.Fluent;
using Google.Protobuf.WellKnownTypes;
using Monitor.Nodes;
using Monitor.State;
using Streams.Contracts.V1;

namespace Monitor.Tests.Nodes;

/// <summary>The state machine's specification. Times are seconds; heartbeats come every 10 s unless they say otherwise.</summary>
public sealed class NodeJudgeTests
{
    private readonly DetectionOptions _rules = new() { FlappingChanges = 4, FlappingWindow = TimeSpan.FromMinutes(10), ForgetAfter = TimeSpan.FromHours(1) };
    private readonly List<NodeStatus.Types.Change> _changes = [];
    private NodeStatus? _node;

    private IEnumerable<string> Told => _changes.Select(c => $"{c.Event.From}->{c.Event.To}@{Milliseconds.From(c.Event.At) / 1000.0:0.#}");

    [Fact]
    public void A_first_heartbeat_makes_a_node_Up()
    {
        Beat(100);

        Assert.Equal(["Unspecified->Up@100"], Told);
        Assert.Equal((100_000, 100_000, 100_000), (_node!.FirstSeen, _node.LastSeen, _node.StateSince));
    }

    [Fact]
    public void A_node_that_beats_on_time_says_nothing_more()
    {
        for (var at = 0; at < 100; at += 10)
        {
            Beat(at);
            Pass(at + 9.9);
        }

        Assert.Single(_changes);
    }

    [Fact]
    public void Silence_makes_a_node_Suspect_and_then_Down_at_its_deadlines_whenever_they_are_looked_at()
    {
        Beat(100);

        Pass(500);

        Assert.Equal(["Unspecified->Up@100", "Up->Suspect@115", "Suspect->Down@130"], Told);
        Assert.Equal(30, _changes[^1].Event.Silence.Seconds);
    }

    [Theory]
    [InlineData(114.999, NodeState.Up)]
    [InlineData(115, NodeState.Suspect)]
    [InlineData(129.999, NodeState.Suspect)]
    [InlineData(130, NodeState.Down)]
    public void A_deadline_passes_at_its_moment(double now, NodeState expected)
    {
        Beat(100);

        Pass(now);

        Assert.Equal(expected, _node!.State);
    }

    [Fact]
    public void A_late_heartbeat_ends_suspicion()
    {
        Beat(100);
        Pass(120);

        Beat(121);

        Assert.Equal("Suspect->Up@121", Told.Last());
    }

    [Fact]
    public void A_node_that_is_Down_comes_back_with_its_first_heartbeat()
    {
        Beat(100);
        Pass(1000);

        Beat(1001);

        Assert.Equal("Down->Up@1001", Told.Last());
        Assert.Contains("901", _changes[^1].Event.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_goodbye_is_no_alarm()
    {
        Beat(100);

        Beat(105, reported: NodeState.Left);
        Pass(1000);

        Assert.Equal(["Unspecified->Up@100", "Up->Left@105"], Told);
        Assert.Empty(_changes.SelectMany(NodeAlerts.Of));
    }

    [Fact]
    public void A_node_that_left_is_forgotten_in_the_end()
    {
        Beat(100);
        Beat(105, reported: NodeState.Left);

        Assert.Null(NodeJudge.Pass(_node!, 105_000 + 3_600_000, 0, _rules).Status);
    }

    [Fact]
    public void The_interval_is_the_heartbeats_own()
    {
        Beat(100, interval: 60);

        Pass(279);
        Assert.Equal(NodeState.Suspect, _node!.State);
        Pass(280);

        Assert.Equal(NodeState.Down, _node.State);
    }

    [Fact]
    public void Too_many_changes_are_flapping_and_calm_ends_it()
    {
        Beat(0);
        Pass(30);        // Down, change 1
        Beat(40);        // Up, change 2
        Pass(70);        // Down, change 3
        Beat(80);        // change 4

        Assert.Equal("Down->Flapping@80", Told.Last());
        for (var at = 90; at < 700; at += 10)
        {
            Pass(at - 0.1);
            Beat(at);
        }

        Assert.Equal("Flapping->Up@680", Told.Last());
    }

    [Fact]
    public void Flapping_hides_further_changes_until_a_calm_silence_shows()
    {
        Beat(0);
        Pass(30);
        Beat(40);
        Pass(70);
        Beat(80);
        var flapping = _changes.Count;

        Pass(400);
        Beat(401);
        Pass(431);
        Assert.Equal(flapping, _changes.Count);
        Pass(2000);

        Assert.Equal("Flapping->Down@1031", Told.Last());
        Assert.Equal(flapping + 1, _changes.Count);
    }

    [Fact]
    public void Maintenance_allows_silence_and_its_end_gives_a_full_period_to_be_heard()
    {
        Beat(100);
        Maintain(until: 1000, now: 105);

        Pass(999);
        Assert.Equal(NodeState.Maintenance, _node!.State);
        Pass(1029);
        Assert.Equal(NodeState.Suspect, _node.State);
        Pass(1030);

        Assert.Equal(["Up->Maintenance@105", "Maintenance->Suspect@1000", "Suspect->Down@1030"], Told.Skip(1));
    }

    [Fact]
    public void Maintenance_of_a_node_that_is_Down_resolves_its_alert()
    {
        Beat(100);
        Pass(200);
        Maintain(until: 1000, now: 300);

        var alerts = _changes.SelectMany(NodeAlerts.Of).ToList();
        Assert.Equal(2, alerts.Count);
        Assert.Equal(alerts[0].Id, alerts[1].Id);
        Assert.Null(alerts[0].Alert.Ends);
        Assert.Equal(300, alerts[1].Alert.Ends.Seconds);
    }

    [Fact]
    public void Silence_before_the_floor_does_not_count()
    {
        Beat(100);

        Pass(500, floor: 480);
        Assert.Equal(NodeState.Suspect, _node!.State);
        Pass(510, floor: 480);

        Assert.Equal("Suspect->Down@510", Told.Last());
    }

    [Fact]
    public void Down_raises_an_alert_that_ends_when_the_node_is_back()
    {
        Beat(100);
        Pass(200);
        Beat(300);

        var alerts = _changes.SelectMany(NodeAlerts.Of).ToList();

        Assert.Equal(2, alerts.Count);
        Assert.Equal(alerts[0].Id, alerts[1].Id);
        Assert.Equal(alerts[0].Alert.Fingerprint, alerts[1].Alert.Fingerprint);
        Assert.Equal((130, 130), (alerts[0].Alert.Starts.Seconds, alerts[1].Alert.Starts.Seconds));
        Assert.Equal(300, alerts[1].Alert.Ends.Seconds);
    }

    // Laws, over any history of beats, pauses, goodbyes and maintenance.
    [Fact]
    public void Any_history_obeys_the_laws() =>
        Prop.ForAll(Histories(), history =>
        {
            _node = null;
            _changes.Clear();
            var at = 1_000.0;
            foreach (var (step, seconds) in history)
            {
                at += seconds;
                var before = _node?.Clone();
                var kept = _node;
                switch (step)
                {
                    case 0:
                        Pass(at);
                        break;
                    case 1:
                        Pass(at);
                        Beat(at, reported: NodeState.Left);
                        break;
                    case 2 when _node is not null:
                        Pass(at);
                        Maintain(at + 45, at);
                        break;
                    default:
                        Pass(at);
                        Beat(at);
                        break;
                }

                // A status that was handed out is never written to.
                if (kept is not null && !kept.Equals(before))
                    return false.Label("an old status was changed");
                // After time has passed, nothing is overdue.
                if (_node is not null && NodeJudge.Deadline(_node, 0, _rules) is { } due && due <= at * 1000)
                    return false.Label($"{_node.State} is overdue since {due}");
            }

            // Changes form a chain in time, and none goes nowhere.
            var chain = _changes.Zip(_changes.Skip(1)).All(pair =>
                (pair.First.Event.To == pair.Second.Event.From || pair.Second.Event.From == NodeState.Unspecified)
                && Milliseconds.From(pair.First.Event.At) <= Milliseconds.From(pair.Second.Event.At));
            // Alerts open and close in turn, by id.
            var open = new HashSet<string>();
            var paired = _changes.SelectMany(NodeAlerts.Of).All(a => a.Alert.Ends is null ? open.Add(a.Id) : open.Remove(a.Id));
            return (chain && paired && _changes.All(c => c.Event.From != c.Event.To)).Label(string.Join(' ', Told));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));

    private static Arbitrary<(int Step, int Seconds)[]> Histories() =>
        (from step in Gen.Choose(0, 7)
         from seconds in Gen.Frequency((4, Gen.Choose(1, 12)), (2, Gen.Choose(12, 40)), (1, Gen.Choose(40, 900)))
         select (step, seconds)).ArrayOf().ToArbitrary();

    private void Beat(double at, int interval = 10, NodeState reported = NodeState.Up) => Take(NodeJudge.Hear(
        _node,
        new() { NodeId = "n", Interval = Duration.FromTimeSpan(TimeSpan.FromSeconds(interval)), Reported = reported },
        (long)(at * 1000),
        _rules));

    private void Pass(double now, double floor = 0)
    {
        while (_node is not null)
        {
            var judgement = NodeJudge.Pass(_node, (long)(now * 1000), (long)(floor * 1000), _rules);
            if (ReferenceEquals(judgement.Status, _node))
                return;
            Take(judgement);
        }
    }

    private void Maintain(double until, double now) => Take(NodeJudge.Maintain(_node!, (long)(until * 1000), (long)(now * 1000)));

    private void Take(Judgement judgement)
    {
        _node = judgement.Status;
        if (judgement.Change is { } change)
            _changes.Add(change);
    }
}
