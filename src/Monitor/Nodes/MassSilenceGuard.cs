using Monitor.Pipeline;
using Streams.Contracts.V1;

namespace Monitor.Nodes;

/// <summary>
/// When a large share of all nodes falls silent at once, the way from them to here is broken, not they: one alert says so, and nobody is
/// declared Down meanwhile.
/// </summary>
/// <remarks>
/// One for all partitions of an instance. It clears itself: when nodes are heard again, or, should they really all be gone, after
/// <see cref="DetectionOptions.MassSilenceHoldMax"/>, when it believes what it sees and each node is judged by itself.
/// </remarks>
internal sealed class MassSilenceGuard(Fleet fleet, DetectionOptions rules)
{
    private readonly Lock _gate = new();
    private Alert? _outage;
    private string? _owner;
    private bool _gaveIn;
    private long _floor = long.MinValue;

    /// <summary>Silence before this time does not count: it was everyone's.</summary>
    public long Floor => Volatile.Read(ref _floor);

    /// <summary>Whether time-outs are held back.</summary>
    public bool Holds
    {
        get
        {
            lock (_gate)
                return _outage is not null;
        }
    }

    /// <summary>The document id of an outage's alert.</summary>
    public static string Id(Alert outage) => $"{outage.Fingerprint}:{Milliseconds.From(outage.Starts)}";

    /// <summary>Looks whether it has begun; call it before a node is declared Down.</summary>
    /// <param name="task">Who asks: the one to tell of it, and to look after its end.</param>
    /// <param name="now">The time.</param>
    /// <returns>The alert to raise; null where it has not begun, or has before.</returns>
    public Alert? TryBegin(string task, long now)
    {
        lock (_gate)
        {
            var (silent, live) = Look();
            var mass = IsMass(silent, live);
            if (!mass)
                _gaveIn = false;
            if (_outage is not null || _gaveIn || !mass)
                return null;

            _owner = task;
            _outage = new()
            {
                Fingerprint = AlertFingerprint.Of("", "ingest outage"),
                Kind = AlertKind.Node,
                Severity = Severity.Fatal,
                Summary = $"Ingest outage: {silent} of {live} nodes fell silent at once. No node is declared down until they are heard again, "
                    + $"or for {rules.MassSilenceHoldMax.TotalSeconds:0} s. Look at the gateways and at Kafka first.",
                Starts = Milliseconds.ToTimestamp(now),
                Count = (ulong)silent,
            };
            return _outage;
        }
    }

    /// <summary>Takes an outage over that lasted when its task was last closed.</summary>
    public void Resume(string task, Alert outage)
    {
        lock (_gate)
        {
            if (_outage is null)
                (_outage, _owner) = (outage, task);
        }
    }

    /// <summary>Looks whether it is over.</summary>
    /// <returns>The alert with its end, for its owner to raise; null where there is none or it lasts.</returns>
    public Alert? TryEnd(string task, long now)
    {
        lock (_gate)
        {
            if (_outage is null || _owner != task)
                return null;

            var (silent, live) = Look();
            _gaveIn = now - Milliseconds.From(_outage.Starts) >= (long)rules.MassSilenceHoldMax.TotalMilliseconds;
            if (IsMass(silent, live) && !_gaveIn)
                return null;

            var ended = _outage.Clone();
            ended.Ends = Milliseconds.ToTimestamp(now);
            ended.Summary = _gaveIn
                ? $"Ingest outage: {silent} of {live} nodes are still silent after {rules.MassSilenceHoldMax.TotalSeconds:0} s; each is judged by itself now."
                : "Ingest outage: nodes are heard again.";
            (_outage, _owner) = (null, null);
            if (!_gaveIn)
                Volatile.Write(ref _floor, now);
            return ended;
        }
    }

    /// <summary>A task is closed; what it owned is taken over by whoever opens it.</summary>
    public void Leave(string task)
    {
        lock (_gate)
        {
            if (_owner == task)
                (_outage, _owner) = (null, null);
        }
    }

    private (long Silent, long Live) Look()
    {
        var silent = fleet.Count(NodeState.Suspect);
        return (silent, silent + fleet.Count(NodeState.Up) + fleet.Count(NodeState.Flapping));
    }

    private bool IsMass(long silent, long live) => live >= rules.MassSilenceNodesMin && silent > live * rules.MassSilenceShare;
}
