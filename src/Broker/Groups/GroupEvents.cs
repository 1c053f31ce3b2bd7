using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace Broker.Groups;

/// <summary>Groups in the log and in the metrics of the meter <c>Streams.Broker</c>.</summary>
internal sealed partial class GroupEvents : IGroupEvents, IDisposable
{
    private readonly ILogger _logger;
    private readonly Meter _meter;
    private readonly Counter<long> _rebalances;
    private readonly Counter<long> _expired;
    private readonly Counter<long> _committed;
    private readonly Counter<long> _refused;

    public GroupEvents(ILogger logger, IMeterFactory? meters)
    {
        _meter = meters?.Create(BrokerMetrics.MeterName) ?? new Meter(BrokerMetrics.MeterName);
        _logger = logger;
        _rebalances = _meter.CreateCounter<long>("streams.broker.group.rebalances", description: "Rebalances begun.");
        _expired = _meter.CreateCounter<long>("streams.broker.group.members.expired", description: "Members removed because they fell silent.");
        _committed = _meter.CreateCounter<long>("streams.broker.group.offsets.committed", description: "Offsets committed.");
        _refused = _meter.CreateCounter<long>("streams.broker.group.offsets.refused", description: "Offsets whose commit was refused.");
        foreach (var counter in new[] { _rebalances, _expired, _committed, _refused })
            counter.Add(0);
    }

    /// <summary>Measures how many groups and offsets there are, from now on.</summary>
    public void Watch(GroupRegistry groups)
    {
        _meter.CreateObservableGauge("streams.broker.groups", () => groups.Count, description: "Consumer groups known.");
        _meter.CreateObservableGauge("streams.broker.group.offsets", () => groups.OffsetCount, description: "Committed offsets kept.");
    }

    public void RebalanceBegan(Group group, string reason)
    {
        _rebalances.Add(1);
        LogRebalance(group.Id, group.Generation, reason, group.Members.Count);
    }

    public void GenerationBegan(Group group) =>
        LogGeneration(group.Id, group.Generation, group.Members.Count, group.ProtocolName ?? "none", group.Members.Leader?.Id ?? "nobody");

    public void MemberExpired(Group group, GroupMember member)
    {
        _expired.Add(1);
        LogExpired(group.Id, member.Id, member.ClientHost, member.SessionTimeout);
    }

    public void OffsetsCommitted(int accepted, int refused)
    {
        _committed.Add(accepted);
        if (refused > 0)
            _refused.Add(refused);
    }

    public void Recovered(int groups, long offsets, TimeSpan took) => LogRecovered(groups, offsets, took.TotalMilliseconds);

    public void OffsetsExpired(string group) => LogOffsetsExpired(group);

    public void Dispose() => _meter.Dispose();

    [LoggerMessage(411, LogLevel.Information, "Group {Group} rebalances after generation {Generation} because {Reason}; it has {Members} members.")]
    private partial void LogRebalance(string group, int generation, string reason, int members);

    [LoggerMessage(412, LogLevel.Information, "Group {Group} is in generation {Generation} with {Members} members, protocol {Protocol}, leader {Leader}.")]
    private partial void LogGeneration(string group, int generation, int members, string protocol, string leader);

    [LoggerMessage(413, LogLevel.Warning, "Group {Group} removed member {Member} at {Host}: it fell silent or did not join again (session time-out {SessionTimeout}).")]
    private partial void LogExpired(string group, string member, string host, TimeSpan sessionTimeout);

    [LoggerMessage(414, LogLevel.Information, "Recovered {Groups} groups with {Offsets} committed offsets in {Milliseconds:F0} ms.")]
    private partial void LogRecovered(int groups, long offsets, double milliseconds);

    [LoggerMessage(415, LogLevel.Information, "Group {Group} has had no members for longer than the offsets' retention; what it committed before that is dropped.")]
    private partial void LogOffsetsExpired(string group);
}
