using System.Diagnostics.Metrics;
using System.Text;
using Kafka.Protocol;
using Kafka.Protocol.Messages;
using Microsoft.Extensions.Logging;

namespace Broker.Groups;

/// <summary>The consumer groups of this broker: membership, rebalances and committed offsets.</summary>
/// <remarks>
/// Each group is a state machine of its own (<see cref="Group"/>); this is the edge that finds it, gives it the time and waits for its
/// answers. Offsets change in one place only, <see cref="GroupRegistry.Apply"/>, which the journal calls in its own order once a change is durable: what
/// a client can read is what a restart would find.
/// </remarks>
internal sealed class GroupCoordinator : IAsyncDisposable
{
    /// <summary>Longest group id. Kafka has no limit of its own; ours makes <see cref="GroupCoordinatorOptions.GroupsMax"/> bound memory too.</summary>
    private const int GroupIdMax = 1024;

    private readonly GroupCoordinatorOptions _options;
    private readonly Func<string, int, bool> _partitionExists;
    private readonly TimeProvider _time;
    private readonly GroupRegistry _groups;
    private readonly OffsetJournal _journal;
    private readonly GroupEvents _events;
    private readonly ITimer _sweepTimer;
    private volatile bool _isClosed;

    private GroupCoordinator(
        GroupCoordinatorOptions options, Func<string, int, bool> partitionExists, TimeProvider time,
        GroupRegistry groups, OffsetJournal journal, GroupEvents events)
    {
        (_options, _partitionExists, _time, _groups, _journal, _events) = (options, partitionExists, time, groups, journal, events);
        _sweepTimer = time.CreateTimer(_ => DropExpiredOffsets(), null, options.OffsetsRetentionSweep, options.OffsetsRetentionSweep);
    }

    /// <summary>Recovers the committed offsets in <paramref name="directory"/>; afterwards every request can be answered.</summary>
    /// <param name="directory">Holds the journal; created where missing.</param>
    /// <param name="options">Bounds and times.</param>
    /// <param name="partitionExists">Whether a topic has a partition: offsets of others are refused.</param>
    /// <param name="time">The clock of sessions and rebalances.</param>
    /// <param name="logger">Hears of rebalances, expired members and damage found in the journal.</param>
    /// <param name="cancellation">Ends the recovery.</param>
    /// <param name="meters">Makes the meter; null for one of no factory.</param>
    /// <exception cref="global::Settings.SetupException">The journal is none that this version can read, or the folder cannot be used.</exception>
    public static Task<GroupCoordinator> OpenAsync(
        string directory,
        GroupCoordinatorOptions options,
        Func<string, int, bool> partitionExists,
        TimeProvider time,
        ILogger<GroupCoordinator> logger,
        CancellationToken cancellation,
        IMeterFactory? meters = null)
    {
        cancellation.ThrowIfCancellationRequested();
        var began = time.GetTimestamp();
        var events = new GroupEvents(logger, meters);
        var groups = new GroupRegistry(options, time, events);
        try
        {
            var journal = OffsetJournal.Open(directory, options, groups.Apply, groups.Snapshot, time, logger);
            events.Recovered(groups.Count, groups.OffsetCount, time.GetElapsedTime(began));
            events.Watch(groups);
            return Task.FromResult(new GroupCoordinator(options, partitionExists, time, groups, journal, events));
        }
        catch (Exception failure)
        {
            groups.Dispose();
            events.Dispose();
            if (failure is InvalidDataException or IOException or UnauthorizedAccessException)
                throw new global::Settings.SetupException($"The committed offsets in {directory} cannot be opened: {failure.Message}");
            throw;
        }
    }

    /// <summary>Enters a group or its next generation; the answer comes when the generation begins.</summary>
    public async ValueTask<JoinGroupResponse> JoinAsync(JoinGroupRequest request, RequestContext from, CancellationToken cancellation)
    {
        var error = CheckJoin(request);
        if (error != ErrorCode.None)
            return GroupAnswers.Refuse(error, request.MemberId, from.Version);

        while (!_isClosed)
        {
            // One who brings an id belongs to a group that is there; only one without may found it.
            var group = request.MemberId.Length > 0 ? _groups.Find(request.GroupId) : _groups.FindOrCreate(request.GroupId);
            if (group is null)
            {
                return GroupAnswers.Refuse(
                    request.MemberId.Length > 0 ? ErrorCode.UnknownMemberId : ErrorCode.CoordinatorNotAvailable, request.MemberId, from.Version);
            }

            if (group.Do((g, now) => g.Join(request, from, now), out var answer))
                return await answer.WaitAsync(cancellation).ConfigureAwait(false);
        }

        return GroupAnswers.Refuse(ErrorCode.CoordinatorNotAvailable, request.MemberId, from.Version);
    }

    /// <summary>Asks for, or as the leader hands out, the generation's assignment; the answer comes when the leader has done so.</summary>
    public async ValueTask<SyncGroupResponse> SyncAsync(SyncGroupRequest request, RequestContext from, CancellationToken cancellation)
    {
        if (_isClosed)
            return GroupAnswers.Refuse(ErrorCode.CoordinatorNotAvailable);
        if (request.Assignments.Exists(assignment => assignment.Assignment.Length > _options.MemberBytesMax))
            return GroupAnswers.Refuse(ErrorCode.InvalidRequest);
        return _groups.TryDo(request.GroupId, (group, now) => group.Sync(request, from.Version, now), out var answer)
            ? await answer.WaitAsync(cancellation).ConfigureAwait(false)
            : GroupAnswers.Refuse(ErrorCode.UnknownMemberId);
    }

    /// <summary>Says that a member lives, and hears whether it must join again.</summary>
    public ValueTask<HeartbeatResponse> HeartbeatAsync(HeartbeatRequest request, RequestContext from, CancellationToken cancellation)
    {
        var error = _isClosed ? ErrorCode.CoordinatorNotAvailable
            : _groups.TryDo(request.GroupId, (group, now) => group.Heartbeat(request, now), out var answer) ? answer
            : ErrorCode.UnknownMemberId;
        return ValueTask.FromResult(new HeartbeatResponse { ErrorCode = error });
    }

    /// <summary>Takes members out of a group.</summary>
    public ValueTask<LeaveGroupResponse> LeaveAsync(LeaveGroupRequest request, RequestContext from, CancellationToken cancellation)
    {
        // Before version 3 a request is about one member, and its error is the whole answer.
        var isSingle = from.Version < 3;
        var leaving = isSingle ? [new LeaveGroupRequest.MemberIdentity { MemberId = request.MemberId }] : request.Members;
        var response = new LeaveGroupResponse();
        foreach (var member in leaving)
        {
            var error = _groups.TryDo(request.GroupId, (group, now) => group.Leave(member.MemberId, member.GroupInstanceId, now), out var answer) ? answer : ErrorCode.UnknownMemberId;
            if (isSingle)
            {
                response.ErrorCode = error;
            }
            else
            {
                response.Members.Add(new LeaveGroupResponse.MemberResponse
                {
                    MemberId = member.MemberId,
                    GroupInstanceId = member.GroupInstanceId,
                    ErrorCode = error,
                });
            }
        }

        return ValueTask.FromResult(response);
    }

    /// <summary>Stores offsets; the answer comes when they are durable.</summary>
    public async ValueTask<OffsetCommitResponse> CommitOffsetsAsync(OffsetCommitRequest request, RequestContext from, CancellationToken cancellation)
    {
        var error = CheckCommit(request);
        var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        var accepted = new List<(TopicPartition, CommittedOffset)>();
        var refused = 0;
        var response = new OffsetCommitResponse();
        foreach (var topic in request.Topics)
        {
            var answered = new OffsetCommitResponse.OffsetCommitResponseTopic { Name = topic.Name };
            response.Topics.Add(answered);
            foreach (var partition in topic.Partitions)
            {
                var partitionError = error != ErrorCode.None ? error : CheckOffset(request.GroupId, topic.Name, partition, accepted.Count);
                if (partitionError == ErrorCode.None)
                {
                    accepted.Add((
                        new TopicPartition(topic.Name, partition.PartitionIndex),
                        new CommittedOffset(partition.CommittedOffset, partition.CommittedLeaderEpoch, partition.CommittedMetadata ?? "", now)));
                }
                else
                {
                    refused++;
                }

                answered.Partitions.Add(new OffsetCommitResponse.OffsetCommitResponsePartition
                {
                    PartitionIndex = partition.PartitionIndex,
                    ErrorCode = partitionError,
                });
            }
        }

        if (accepted.Count > 0 && !await _journal.AppendAsync(new OffsetsCommitted(request.GroupId, accepted), cancellation).ConfigureAwait(false))
        {
            // A client takes this as "try again", which is right for a disk that is full.
            refused += accepted.Count;
            accepted.Clear();
            foreach (var partition in response.Topics.SelectMany(topic => topic.Partitions).Where(partition => partition.ErrorCode == ErrorCode.None))
                partition.ErrorCode = ErrorCode.CoordinatorNotAvailable;
        }

        _events.OffsetsCommitted(accepted.Count, refused);
        return response;
    }

    /// <summary>Reads offsets.</summary>
    public ValueTask<OffsetFetchResponse> FetchOffsetsAsync(OffsetFetchRequest request, RequestContext from, CancellationToken cancellation)
    {
        var response = new OffsetFetchResponse();
        if (from.Version < 8)
        {
            foreach (var (topic, partitions) in Read(request.GroupId, request.Topics?.Select(t => (t.Name, t.PartitionIndexes))))
            {
                response.Topics.Add(new OffsetFetchResponse.OffsetFetchResponseTopic
                {
                    Name = topic,
                    Partitions = partitions.ConvertAll(p => new OffsetFetchResponse.OffsetFetchResponsePartition
                    {
                        PartitionIndex = p.Partition,
                        CommittedOffset = p.Offset.Offset,
                        CommittedLeaderEpoch = p.Offset.LeaderEpoch,
                        Metadata = p.Offset.Metadata,
                    }),
                });
            }

            return ValueTask.FromResult(response);
        }

        foreach (var group in request.Groups)
        {
            var answered = new OffsetFetchResponse.OffsetFetchResponseGroup { GroupId = group.GroupId };
            response.Groups.Add(answered);
            foreach (var (topic, partitions) in Read(group.GroupId, group.Topics?.Select(t => (t.Name, t.PartitionIndexes))))
            {
                answered.Topics.Add(new OffsetFetchResponse.OffsetFetchResponseTopics
                {
                    Name = topic,
                    Partitions = partitions.ConvertAll(p => new OffsetFetchResponse.OffsetFetchResponsePartitions
                    {
                        PartitionIndex = p.Partition,
                        CommittedOffset = p.Offset.Offset,
                        CommittedLeaderEpoch = p.Offset.LeaderEpoch,
                        Metadata = p.Offset.Metadata,
                    }),
                });
            }
        }

        return ValueTask.FromResult(response);
    }

    /// <summary>Describes groups and their members.</summary>
    public ValueTask<DescribeGroupsResponse> DescribeAsync(DescribeGroupsRequest request, RequestContext from, CancellationToken cancellation)
    {
        var response = new DescribeGroupsResponse();
        foreach (var id in request.Groups)
            response.Groups.Add(_groups.TryDo(id, static (group, _) => GroupDescriptions.Describe(group), out var described) ? described : GroupDescriptions.Dead(id));
        return ValueTask.FromResult(response);
    }

    /// <summary>Lists all groups.</summary>
    public ValueTask<ListGroupsResponse> ListAsync(ListGroupsRequest request, RequestContext from, CancellationToken cancellation)
    {
        var response = new ListGroupsResponse();
        foreach (var (_, group) in _groups.All)
        {
            if (!group.Do(static (g, _) => new ListGroupsResponse.ListedGroup { GroupId = g.Id, ProtocolType = g.ProtocolType ?? "", GroupState = g.State.ToString() }, out var listed))
                continue;
            if (request.StatesFilter.Count == 0 || request.StatesFilter.Contains(listed.GroupState, StringComparer.OrdinalIgnoreCase))
                response.Groups.Add(listed);
        }

        return ValueTask.FromResult(response);
    }

    /// <summary>Deletes groups without members, with their offsets.</summary>
    public async ValueTask<DeleteGroupsResponse> DeleteAsync(DeleteGroupsRequest request, RequestContext from, CancellationToken cancellation)
    {
        var response = new DeleteGroupsResponse();
        foreach (var id in request.GroupsNames)
        {
            var error = !_groups.TryDo(id, static (group, _) => group.State, out var state) ? ErrorCode.GroupIdNotFound
                : state != GroupState.Empty ? ErrorCode.NonEmptyGroup
                : await _journal.AppendAsync(new GroupDeleted(id), cancellation).ConfigureAwait(false) ? ErrorCode.None
                : ErrorCode.CoordinatorNotAvailable;
            response.Results.Add(new DeleteGroupsResponse.DeletableGroupResult { GroupId = id, ErrorCode = error });
        }

        return response;
    }

    /// <summary>Deletes offsets of topics that the group no longer reads.</summary>
    public async ValueTask<OffsetDeleteResponse> DeleteOffsetsAsync(OffsetDeleteRequest request, RequestContext from, CancellationToken cancellation)
    {
        if (!_groups.TryDo(request.GroupId, static (group, _) => (group.State, Topics: GroupDescriptions.SubscribedTopics(group)), out var found))
            return new OffsetDeleteResponse { ErrorCode = ErrorCode.GroupIdNotFound };
        if (found.State != GroupState.Empty && found.Topics is null)
            return new OffsetDeleteResponse { ErrorCode = ErrorCode.NonEmptyGroup };

        var response = new OffsetDeleteResponse();
        var deleted = new List<TopicPartition>();
        foreach (var topic in request.Topics)
        {
            var error = found.State != GroupState.Empty && found.Topics!.Contains(topic.Name) ? ErrorCode.GroupSubscribedToTopic : ErrorCode.None;
            if (error == ErrorCode.None)
                deleted.AddRange(topic.Partitions.Select(partition => new TopicPartition(topic.Name, partition.PartitionIndex)));
            response.Topics.Add(new OffsetDeleteResponse.OffsetDeleteResponseTopic
            {
                Name = topic.Name,
                Partitions = topic.Partitions.ConvertAll(partition => new OffsetDeleteResponse.OffsetDeleteResponsePartition
                {
                    PartitionIndex = partition.PartitionIndex,
                    ErrorCode = error,
                }),
            });
        }

        return deleted.Count == 0 || await _journal.AppendAsync(new OffsetsDeleted(request.GroupId, deleted), cancellation).ConfigureAwait(false)
            ? response
            : new OffsetDeleteResponse { ErrorCode = ErrorCode.CoordinatorNotAvailable };
    }

    /// <summary>Drops every group's offsets of a topic that has been deleted.</summary>
    public async ValueTask ForgetTopicAsync(string topic, CancellationToken cancellation)
    {
        foreach (var (id, group) in _groups.All)
        {
            if (group.Do((_, _) => group.Offsets.Keys.Where(of => of.Topic == topic).ToList(), out var gone) && gone.Count > 0)
                await _journal.AppendAsync(new OffsetsDeleted(id, gone), cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Answers parked joins and syncs with COORDINATOR_NOT_AVAILABLE, so that clients look for their coordinator again, and flushes the journal.</summary>
    public async ValueTask DisposeAsync()
    {
        _isClosed = true;
        await _sweepTimer.DisposeAsync().ConfigureAwait(false);
        _groups.Dispose();
        await _journal.DisposeAsync().ConfigureAwait(false);
        _events.Dispose();
    }

    private ErrorCode CheckJoin(JoinGroupRequest request)
    {
        if (request.GroupId.Length is 0 or > GroupIdMax)
            return ErrorCode.InvalidGroupId;
        if (request.SessionTimeoutMs < _options.SessionTimeoutMin.TotalMilliseconds || request.SessionTimeoutMs > _options.SessionTimeoutMax.TotalMilliseconds)
            return ErrorCode.InvalidSessionTimeout;
        if (request.ProtocolType.Length == 0 || request.Protocols.Count == 0)
            return ErrorCode.InconsistentGroupProtocol;
        return request.Protocols.Sum(protocol => (long)protocol.Metadata.Length + protocol.Name.Length) > _options.MemberBytesMax
            ? ErrorCode.InvalidRequest
            : ErrorCode.None;
    }

    private ErrorCode CheckCommit(OffsetCommitRequest request)
    {
        if (request.GroupId.Length > GroupIdMax)
            return ErrorCode.InvalidGroupId;
        if (_groups.TryDo(request.GroupId, (group, now) => group.CheckCommit(request.GenerationIdOrMemberEpoch, request.MemberId, request.GroupInstanceId, now), out var error))
            return error;

        // An unknown group may be founded by committing to it, which is how tools set offsets; but not by a member of one that is gone.
        if (request.GenerationIdOrMemberEpoch >= 0)
            return ErrorCode.IllegalGeneration;
        return _groups.FindOrCreate(request.GroupId) is null ? ErrorCode.CoordinatorNotAvailable : ErrorCode.None;
    }

    private ErrorCode CheckOffset(string group, string topic, OffsetCommitRequest.OffsetCommitRequestPartition partition, int acceptedBefore)
    {
        if (partition.CommittedMetadata is { } metadata && Encoding.UTF8.GetByteCount(metadata) > _options.OffsetMetadataBytesMax)
            return ErrorCode.OffsetMetadataTooLarge;
        if (!_partitionExists(topic, partition.PartitionIndex))
            return ErrorCode.UnknownTopicOrPartition;
        if (_groups.OffsetCount + acceptedBefore < _options.OffsetsMax)
            return ErrorCode.None;

        // At the limit a group may still move on where it has been.
        var of = new TopicPartition(topic, partition.PartitionIndex);
        return _groups.Find(group) is { } known && known.Do((_, _) => known.Offsets.ContainsKey(of), out var isKnown) && isKnown
            ? ErrorCode.None
            : ErrorCode.InvalidCommitOffsetSize;
    }

    private List<(string Topic, List<(int Partition, CommittedOffset Offset)> Partitions)> Read(string groupId, IEnumerable<(string Topic, List<int> Partitions)>? asked)
    {
        var none = new CommittedOffset(-1, -1, "", 0);
        if (_groups.Find(groupId) is { } group
            && group.Do(
                (_, _) => asked is null
                    ? group.Offsets.GroupBy(o => o.Key.Topic).Select(t => (t.Key, t.Select(o => (o.Key.Partition, o.Value)).ToList())).ToList()
                    : asked.Select(t => (t.Topic, t.Partitions.ConvertAll(p =>
                        (p, group.Offsets.TryGetValue(new TopicPartition(t.Topic, p), out var committed) ? committed : none)))).ToList(),
                out var read))
        {
            return read;
        }

        // Not an error: a group that never committed starts where its reset policy says.
        return asked?.Select(t => (t.Topic, t.Partitions.ConvertAll(p => (p, none)))).ToList() ?? [];
    }

    private void DropExpiredOffsets()
    {
        foreach (var expired in _groups.ExpiredOffsets())
        {
            _events.OffsetsExpired(expired.Group);
            _ = _journal.AppendAsync(expired, CancellationToken.None); // one that fails is found again by the next sweep
        }

        _groups.DropIdle();
    }
}
