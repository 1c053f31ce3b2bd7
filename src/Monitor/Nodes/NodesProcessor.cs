using Kafka;
using Monitor.Live;
using Monitor.Pipeline;
using Monitor.State;
using Streams;
using Streams.Contracts.V1;

namespace Monitor.Nodes;

/// <summary>What <see cref="NodesProcessor"/> shares with the rest of the instance.</summary>
internal sealed record NodesContext(
    DetectionOptions Rules, IEvidence Evidence, Fleet Fleet, MassSilenceGuard Guard, LiveFeeds Live, AlertOutlet Alerts, MonitorMetrics Metrics);

/// <summary>Keeps each node's state: hears its heartbeats, watches its deadlines, tells its changes.</summary>
/// <remarks>
/// <para><see cref="NodeJudge"/> decides; this remembers and tells. A change is kept with its node as unconfirmed until the commit after it has
/// passed; a restart tells unconfirmed changes again, word for word. So a change is never lost to a crash between the state's changelog and
/// the event's topic, and told twice it is the same event twice (ADR 0033).</para>
/// <para>Heartbeats that are read again after a crash are not judged again: a node remembers the input offset of the last one taken.</para>
/// </remarks>
internal sealed class NodesProcessor(NodesContext shared) : Processor<string, NodeInput, string, NodeOutput>
{
    public const string StatusStore = "nodes";
    public const string TallyStore = "heartbeat-windows";
    public const string OutageStore = "outage";
    public const string CommitStore = "nodes-commit";

    private const string OutageKey = "outage";

    private readonly DeadlineQueue _deadlines = new();
    private readonly Queue<(string Node, long Commit)> _unconfirmed = new();
    private IKeyValueStore<string, NodeStatus> _nodes = null!;
    private IKeyValueStore<string, OutageRecord> _outage = null!;
    private HeartbeatTallies _tallies = null!;
    private BeforeCommit _commits = null!;
    private FleetCount _fleet = null!;
    private string _task = "";
    private long? _judgeFrom;
    private bool _toldAgain;
    private long _received;

    public override void Init()
    {
        _nodes = Context.GetStateStore<IKeyValueStore<string, NodeStatus>>(StatusStore);
        _outage = Context.GetStateStore<IKeyValueStore<string, OutageRecord>>(OutageStore);
        _tallies = new(Context.GetStateStore<IWindowStore<string, HeartbeatTally>>(TallyStore), shared.Rules.WindowSize);
        _commits = Context.GetStateStore<BeforeCommit>(CommitStore);
        _commits.Do(BeforeCommit);
        _task = $"{Context.TaskId}";
        _fleet = shared.Fleet.Join(_task);
        foreach (var (_, status) in _nodes.All())
            _fleet.Move(NodeState.Unspecified, status.State);
        if (_outage.TryGet(OutageKey, out var outage))
            shared.Guard.Resume(_task, outage.Alert);
        Context.Schedule(shared.Rules.TickInterval, PunctuationType.WallClockTime, _ => Tick());
    }

    public override void Close()
    {
        shared.Fleet.Leave(_task, _fleet);
        shared.Guard.Leave(_task);
    }

    public override void Process(in Record<string, NodeInput> record)
    {
        if (!record.HasKey || !record.HasValue)
            return;

        TellAgain();
        _nodes.TryGet(record.Key, out var before);
        if (record.Value.Beat is { } beat)
            Hear(before, beat, beat.Observed is { } observed ? Milliseconds.From(observed) : record.Timestamp);
        else if (before is not null && record.Value.Command is { } command)
            Apply(before, NodeJudge.Maintain(before, command.Until, record.Timestamp));
    }

    private void Hear(NodeStatus? before, Heartbeat beat, long at)
    {
        var source = Context.RecordMetadata!.Value;
        var judgement = NodeJudge.Hear(before, beat, at, shared.Rules);
        var after = judgement.Status!;
        // Not guarded by the node's own offset: window and node are restored each from its own changelog.
        _tallies.Count(before, after, at, source.Offset);
        if (before is not null && source.Partition == before.Partition && source.Offset <= before.Offset)
            return;

        (after.Partition, after.Offset) = (source.Partition, source.Offset);
        _received++;
        if (before is { State: not NodeState.Left })
            shared.Metrics.Gap(TimeSpan.FromMilliseconds(Math.Max(0, at - before.LastSeen)));
        Apply(before, judgement);
    }

    private void BeforeCommit()
    {
        shared.Alerts.Flush();
        shared.Metrics.Heartbeat(_received);
        _received = 0;
    }

    private void Tick()
    {
        TellAgain();
        Confirm();

        if (shared.Evidence.CompleteAsOf(Context.TaskId.Partition) is not { } now)
            return;

        if (_judgeFrom is null)
        {
            // Whoever is silent only because nothing ran here gets one full detection period to be heard.
            _judgeFrom = now;
            foreach (var (_, status) in _nodes.All())
                Schedule(status);
        }

        if (shared.Guard.TryEnd(_task, now) is { } ended)
        {
            _outage.Delete(OutageKey);
            TellOutage(ended);
        }

        while (_deadlines.TryTakeExpired(now, out var node))
        {
            if (_nodes.TryGet(node, out var status))
                Pass(status, now);
        }
    }

    private void Pass(NodeStatus status, long now)
    {
        while (true)
        {
            var judgement = NodeJudge.Pass(status, now, Floor, shared.Rules);
            if (ReferenceEquals(judgement.Status, status))
                break;

            if (judgement.Status is null)
            {
                _nodes.Delete(status.NodeId);
                _fleet.Move(status.State, NodeState.Unspecified);
                return;
            }

            if (judgement.Change?.Event.From == NodeState.Suspect && IsMassSilence(now))
            {
                _deadlines.Schedule(status.NodeId, now + (status.Interval / 2));
                return;
            }

            Apply(status, judgement);
            status = judgement.Status;
        }

        Schedule(status);
    }

    private bool IsMassSilence(long now)
    {
        if (shared.Guard.TryBegin(_task, now) is { } begun)
        {
            _outage.Put(OutageKey, new() { Alert = begun });
            TellOutage(begun);
        }

        return shared.Guard.Holds;
    }

    private long Floor => Math.Max(_judgeFrom ?? long.MinValue, shared.Guard.Floor);

    private void Apply(NodeStatus? before, Judgement judgement)
    {
        var after = judgement.Status!;
        if (ReferenceEquals(after, before))
            return;

        if (judgement.Change is { } change)
            after.Unconfirmed.Add(change);
        _nodes.Put(after.NodeId, after);
        _fleet.Move(before?.State ?? NodeState.Unspecified, after.State);
        Schedule(after);
        if (judgement.Change is not null)
        {
            _unconfirmed.Enqueue((after.NodeId, _commits.Count));
            Tell(judgement.Change);
        }
    }

    private void Schedule(NodeStatus status)
    {
        if (_judgeFrom is not null && NodeJudge.Deadline(status, Floor, shared.Rules) is { } due)
            _deadlines.Schedule(status.NodeId, due);
    }

    private void Tell(NodeStatus.Types.Change change)
    {
        var told = change.Event;
        var at = Milliseconds.From(told.At);
        shared.Live.NodeEvents.Publish(told);
        shared.Metrics.Changed(told.To);
        Context.Forward(new(told.NodeId, new NodeOutput(told, null), at));
        foreach (var (id, alert) in NodeAlerts.Of(change))
        {
            shared.Alerts.Take(id, alert);
            Context.Forward(new(alert.Fingerprint, new NodeOutput(null, alert), at, IdHeader(id)));
        }
    }

    private void TellOutage(Alert outage)
    {
        var id = MassSilenceGuard.Id(outage);
        shared.Alerts.Take(id, outage);
        Context.Forward(new(outage.Fingerprint, new NodeOutput(null, outage), Context.WallClockTime.ToUnixTimeMilliseconds(), IdHeader(id)));
    }

    private static Headers IdHeader(string id) => Headers.Of(new RecordHeader(AlertOutlet.IdHeader, AlertOutlet.Header(id)));

    // Before anything else happens, so that what a crash left unconfirmed keeps its place in the order.
    private void TellAgain()
    {
        if (_toldAgain)
            return;

        _toldAgain = true;
        foreach (var (node, status) in _nodes.All())
        {
            foreach (var change in status.Unconfirmed)
            {
                _unconfirmed.Enqueue((node, _commits.Count));
                Tell(change);
            }
        }
    }

    // A commit that was begun after a change was told has been completed when the task is at work again.
    private void Confirm()
    {
        while (_unconfirmed.TryPeek(out var told) && told.Commit < _commits.Count)
        {
            _unconfirmed.Dequeue();
            if (!_nodes.TryGet(told.Node, out var status) || status.Unconfirmed.Count == 0)
                continue;

            var confirmed = status.Clone();
            confirmed.Unconfirmed.RemoveAt(0);
            _nodes.Put(told.Node, confirmed);
        }
    }
}
