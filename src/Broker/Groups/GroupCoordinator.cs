using Kafka.Protocol.Messages;
using Microsoft.Extensions.Logging;

namespace Broker.Groups;

/// <summary>The consumer groups of this broker: membership, rebalances and committed offsets.</summary>
internal sealed class GroupCoordinator : IAsyncDisposable
{
    private GroupCoordinator()
    {
    }

    /// <summary>Recovers the committed offsets in <paramref name="directory"/>; afterwards every request can be answered.</summary>
    /// <param name="directory">Holds the journal; created where missing.</param>
    /// <param name="options">Bounds and times.</param>
    /// <param name="partitionExists">Whether a topic has a partition: offsets of others are refused.</param>
    /// <param name="time">The clock of sessions and rebalances.</param>
    /// <param name="logger">Hears of rebalances, expired members and damage found in the journal.</param>
    /// <param name="cancellation">Ends the recovery.</param>
    public static Task<GroupCoordinator> OpenAsync(
        string directory,
        GroupCoordinatorOptions options,
        Func<string, int, bool> partitionExists,
        TimeProvider time,
        ILogger<GroupCoordinator> logger,
        CancellationToken cancellation) => throw NotYet();

    /// <summary>Enters a group or its next generation; the answer comes when the generation begins.</summary>
    public ValueTask<JoinGroupResponse> JoinAsync(JoinGroupRequest request, RequestContext from, CancellationToken cancellation) => throw NotYet();

    /// <summary>Asks for, or as the leader hands out, the generation's assignment; the answer comes when the leader has done so.</summary>
    public ValueTask<SyncGroupResponse> SyncAsync(SyncGroupRequest request, RequestContext from, CancellationToken cancellation) => throw NotYet();

    /// <summary>Says that a member lives, and hears whether it must join again.</summary>
    public ValueTask<HeartbeatResponse> HeartbeatAsync(HeartbeatRequest request, RequestContext from, CancellationToken cancellation) => throw NotYet();

    /// <summary>Takes members out of a group.</summary>
    public ValueTask<LeaveGroupResponse> LeaveAsync(LeaveGroupRequest request, RequestContext from, CancellationToken cancellation) => throw NotYet();

    /// <summary>Stores offsets; the answer comes when they are durable.</summary>
    public ValueTask<OffsetCommitResponse> CommitOffsetsAsync(OffsetCommitRequest request, RequestContext from, CancellationToken cancellation) => throw NotYet();

    /// <summary>Reads offsets.</summary>
    public ValueTask<OffsetFetchResponse> FetchOffsetsAsync(OffsetFetchRequest request, RequestContext from, CancellationToken cancellation) => throw NotYet();

    /// <summary>Describes groups and their members.</summary>
    public ValueTask<DescribeGroupsResponse> DescribeAsync(DescribeGroupsRequest request, RequestContext from, CancellationToken cancellation) => throw NotYet();

    /// <summary>Lists all groups.</summary>
    public ValueTask<ListGroupsResponse> ListAsync(ListGroupsRequest request, RequestContext from, CancellationToken cancellation) => throw NotYet();

    /// <summary>Deletes groups without members, with their offsets.</summary>
    public ValueTask<DeleteGroupsResponse> DeleteAsync(DeleteGroupsRequest request, RequestContext from, CancellationToken cancellation) => throw NotYet();

    /// <summary>Deletes offsets of topics that the group no longer reads.</summary>
    public ValueTask<OffsetDeleteResponse> DeleteOffsetsAsync(OffsetDeleteRequest request, RequestContext from, CancellationToken cancellation) => throw NotYet();

    /// <summary>Drops every group's offsets of a topic that has been deleted.</summary>
    public ValueTask ForgetTopicAsync(string topic, CancellationToken cancellation) => throw NotYet();

    /// <summary>Answers parked joins and syncs with COORDINATOR_NOT_AVAILABLE, so that clients look for their coordinator again, and flushes the journal.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static NotSupportedException NotYet() => new("The group coordinator has not landed yet.");
}
