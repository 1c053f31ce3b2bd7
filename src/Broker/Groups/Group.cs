using Kafka.Protocol;
using Kafka.Protocol.Messages;

namespace Broker.Groups;

/// <summary>
/// One consumer group as a state machine: requests and the passing of time go in, answers come out, some of them later. It has no lock, no
/// clock and no I/O; whoever holds it calls it from one thread at a time, says what time it is, and calls <see cref="Advance"/> when
/// <see cref="NextDeadline"/> comes.
/// </summary>
/// <remarks>
/// Follows Apache Kafka's classic coordinator (<c>ClassicGroup</c>, KIP-62, 345, 394, 814). Membership lives in memory only: after a
/// restart of the broker every member is unknown, joins again and goes on from the committed offsets.
/// </remarks>
internal sealed class Group(string id, GroupCoordinatorOptions options, IGroupEvents events)
{
    /// <summary>From here on a member must ask twice: first for its id, then with it (KIP-394).</summary>
    private const short MemberIdRequiredVersion = 4;

    /// <summary>From here on a static leader that came back can be told to keep the assignment it finds (KIP-814).</summary>
    private const short SkipAssignmentVersion = 9;

    // Ids handed out with MEMBER_ID_REQUIRED and not used yet, with the time they lapse.
    private readonly Dictionary<string, TimeSpan> _promised = [];

    private TimeSpan? _joinDeadline;
    private TimeSpan? _syncDeadline;
    private bool _isInitialDelay;
    private bool _joinedDuringDelay;
    private TimeSpan _initialDelayLeft;

    public string Id { get; } = id;

    public GroupState State { get; private set; }

    public int Generation { get; private set; }

    /// <summary>What kind of group it is: <c>consumer</c>, <c>connect</c>; null until somebody joins.</summary>
    public string? ProtocolType { get; private set; }

    /// <summary>The assignor of this generation.</summary>
    public string? ProtocolName { get; private set; }

    public GroupMembers Members { get; } = new();

    /// <summary>Whether it holds nothing that would be missed: no members, and no ids that somebody is about to use.</summary>
    public bool IsIdle => State == GroupState.Empty && Members.Count == 0 && _promised.Count == 0;

    /// <summary>When <see cref="Advance"/> has something to do; null for never.</summary>
    public TimeSpan? NextDeadline
    {
        get
        {
            TimeSpan? next = null;
            Consider(_joinDeadline);
            Consider(_syncDeadline);
            foreach (var lapses in _promised.Values)
                Consider(lapses);
            foreach (var member in Members.All)
                Consider(member.IsWaiting ? null : member.SessionDeadline);
            return next;

            void Consider(TimeSpan? deadline)
            {
                if (deadline < next || next is null)
                    next = deadline ?? next;
            }
        }
    }

    /// <summary>Enters the group, or its next generation.</summary>
    public Task<JoinGroupResponse> Join(JoinGroupRequest request, RequestContext from, TimeSpan now)
    {
        var member = Members.Find(request.MemberId);
        if (member is null && Members.Count + _promised.Count >= options.MembersMax && !_promised.ContainsKey(request.MemberId)
            && !(request.GroupInstanceId is { } instance && Members.FindInstance(instance) is not null))
        {
            return Refuse(ErrorCode.GroupMaxSizeReached);
        }

        if (Members.Count > 0 && (request.ProtocolType != ProtocolType || !Members.Share(request.Protocols)))
            return Refuse(ErrorCode.InconsistentGroupProtocol);
        if (request.MemberId.Length == 0)
            return JoinAsNew(request, from, now);

        if (request.GroupInstanceId is null && _promised.Remove(request.MemberId))
            return Enter(request.MemberId, request, from, now);
        var error = Validate(request.MemberId, request.GroupInstanceId);
        if (error != ErrorCode.None)
            return Refuse(error);

        var isLeader = member == Members.Leader;
        switch (State)
        {
            case GroupState.CompletingRebalance when member!.SaysTheSame(request):
                // Its answer got lost, or it asks on a new connection: tell it again.
                member.Touch(now);
                return Task.FromResult(GroupAnswers.Accept(this, member, Members.Leader!.Id, withMembers: isLeader));

            case GroupState.Stable when !isLeader && member!.SaysTheSame(request):
                member.Touch(now);
                return Task.FromResult(GroupAnswers.Accept(this, member, Members.Leader!.Id, withMembers: false));

            default:
                member!.Update(request, from);
                var parked = Park(member, from.Version, now);
                if (State == GroupState.PreparingRebalance)
                    CompleteJoinIfAllIn(now);
                else
                    Prepare(now, isLeader ? "its leader joined again" : "a member changed its subscription");
                return parked;
        }

        Task<JoinGroupResponse> Refuse(ErrorCode error) => Task.FromResult(GroupAnswers.Refuse(error, request.MemberId, from.Version));
    }

    /// <summary>Asks for the assignment; the leader brings it.</summary>
    public Task<SyncGroupResponse> Sync(SyncGroupRequest request, short version, TimeSpan now)
    {
        var error = Validate(request.MemberId, request.GroupInstanceId);
        if (error == ErrorCode.None)
        {
            error = request.GenerationId != Generation ? ErrorCode.IllegalGeneration
                : (request.ProtocolType ?? ProtocolType) != ProtocolType || (request.ProtocolName ?? ProtocolName) != ProtocolName
                    ? ErrorCode.InconsistentGroupProtocol
                : State == GroupState.PreparingRebalance ? ErrorCode.RebalanceInProgress
                : ErrorCode.None;
        }

        if (error != ErrorCode.None)
            return Task.FromResult(GroupAnswers.Refuse(error));

        var member = Members.Find(request.MemberId)!;
        member.HasSynced = true;
        member.Touch(now);
        if (State == GroupState.Stable)
        {
            ForgetSyncDeadlineIfAllSynced();
            return Task.FromResult(GroupAnswers.Assign(this, member));
        }

        member.Sync?.Give(GroupAnswers.Refuse(ErrorCode.RebalanceInProgress));
        var parked = member.Sync = new Parked<SyncGroupResponse>(version);
        if (member == Members.Leader)
            HandOut(request.Assignments, now);
        return parked.Answer;
    }

    /// <summary>Hears that a member lives.</summary>
    public ErrorCode Heartbeat(HeartbeatRequest request, TimeSpan now)
    {
        var error = Validate(request.MemberId, request.GroupInstanceId);
        if (error != ErrorCode.None)
            return error;
        if (request.GenerationId != Generation)
            return ErrorCode.IllegalGeneration;
        Members.Find(request.MemberId)!.Touch(now);
        return State == GroupState.PreparingRebalance ? ErrorCode.RebalanceInProgress : ErrorCode.None;
    }

    /// <summary>Takes one member out; an administrator may name a static one by its instance alone.</summary>
    public ErrorCode Leave(string memberId, string? instanceId, TimeSpan now)
    {
        if (instanceId is null && _promised.Remove(memberId))
        {
            CompleteJoinIfAllIn(now);
            return ErrorCode.None;
        }

        var member = instanceId is null ? Members.Find(memberId) : Members.FindInstance(instanceId);
        if (member is null)
            return ErrorCode.UnknownMemberId;
        if (instanceId is not null && memberId.Length > 0 && member.Id != memberId)
            return ErrorCode.FencedInstanceId;
        Remove(member);
        AfterRemoval(now, "a member left");
        return ErrorCode.None;
    }

    /// <summary>Says whether offsets may be committed now, and takes the commit as a sign of life.</summary>
    public ErrorCode CheckCommit(int generation, string memberId, string? instanceId, TimeSpan now)
    {
        var comesFromMember = generation >= 0 || memberId.Length > 0 || instanceId is not null;
        if (!comesFromMember)
            return State == GroupState.Empty ? ErrorCode.None : ErrorCode.UnknownMemberId;
        var error = Validate(memberId, instanceId);
        if (error != ErrorCode.None)
            return error;
        if (generation != Generation)
            return ErrorCode.IllegalGeneration;
        Members.Find(memberId)!.Touch(now);

        // While a rebalance is prepared its members may still save what they did; once the next generation has begun they may not.
        return State == GroupState.CompletingRebalance ? ErrorCode.RebalanceInProgress : ErrorCode.None;
    }

    /// <summary>Does what time has made due.</summary>
    public void Advance(TimeSpan now)
    {
        foreach (var (memberId, lapses) in _promised)
        {
            if (lapses <= now)
                _promised.Remove(memberId);
        }

        foreach (var member in Members.All.Where(member => !member.IsWaiting && member.SessionDeadline <= now).ToList())
        {
            Remove(member);
            events.MemberExpired(this, member);
            AfterRemoval(now, "a member fell silent");
        }

        CompleteJoinIfAllIn(now);
        if (State == GroupState.PreparingRebalance && _joinDeadline <= now)
            EndJoinWait(now);
        if (_syncDeadline <= now)
            RemoveThoseWhoNeverSynced(now);
    }

    /// <summary>Answers everybody who waits: the coordinator closes.</summary>
    public void Abandon()
    {
        foreach (var member in Members.All)
        {
            Answer(member, ErrorCode.CoordinatorNotAvailable);
        }
    }

    private Task<JoinGroupResponse> JoinAsNew(JoinGroupRequest request, RequestContext from, TimeSpan now)
    {
        var memberId = $"{request.GroupInstanceId ?? from.ClientId}-{Guid.NewGuid()}";
        if (request.GroupInstanceId is { } instance)
        {
            return Members.FindInstance(instance) is { } returning
                ? Return(returning, memberId, request, from, now)
                : Enter(memberId, request, from, now);
        }

        if (from.Version < MemberIdRequiredVersion)
            return Enter(memberId, request, from, now);

        // A client that gives up waiting and asks again would otherwise leave a member behind each time.
        _promised[memberId] = now + TimeSpan.FromMilliseconds(request.SessionTimeoutMs);
        return Task.FromResult(GroupAnswers.Refuse(ErrorCode.MemberIdRequired, memberId, from.Version));
    }

    private Task<JoinGroupResponse> Enter(string memberId, JoinGroupRequest request, RequestContext from, TimeSpan now)
    {
        // The first to come says what kind of group it is.
        if (Members.Count == 0)
            ProtocolType = request.ProtocolType;
        var member = new GroupMember(memberId, request, from);
        Members.Add(member);
        var parked = Park(member, from.Version, now);
        if (State == GroupState.PreparingRebalance)
        {
            _joinedDuringDelay = true;
            CompleteJoinIfAllIn(now);
        }
        else
        {
            Prepare(now, "a member joined");
        }

        return parked;
    }

    // A static member's process has started again: it takes its old place under a new id, and the old id is fenced off.
    private Task<JoinGroupResponse> Return(GroupMember member, string newId, JoinGroupRequest request, RequestContext from, TimeSpan now)
    {
        var oldLeaderId = Members.Leader!.Id;
        Answer(member, ErrorCode.FencedInstanceId);
        Members.Rename(member, newId);
        member.Update(request, from);
        member.Touch(now);

        if (State == GroupState.Stable && Members.SelectProtocol() == ProtocolName)
        {
            // Nobody's work changes. A leader that cannot be told to skip the assignment is told that another one leads.
            var isLeader = member == Members.Leader;
            var canSkip = from.Version >= SkipAssignmentVersion;
            return Task.FromResult(GroupAnswers.Accept(
                this, member, canSkip ? Members.Leader!.Id : oldLeaderId, withMembers: isLeader && canSkip, skipAssignment: isLeader && canSkip));
        }

        var parked = Park(member, from.Version, now);
        if (State == GroupState.PreparingRebalance)
            CompleteJoinIfAllIn(now);
        else
            Prepare(now, "a static member came back");
        return parked;
    }

    private static Task<JoinGroupResponse> Park(GroupMember member, short version, TimeSpan now)
    {
        // A client that asks again has given up on its first question.
        member.Join?.Give(GroupAnswers.Refuse(ErrorCode.RebalanceInProgress, member.Id, member.Join.Version));
        member.Join = new Parked<JoinGroupResponse>(version);
        member.Touch(now);
        return member.Join.Answer;
    }

    private void Prepare(TimeSpan now, string reason)
    {
        if (State == GroupState.CompletingRebalance)
        {
            foreach (var member in Members.All)
            {
                member.Assignment = [];
                AnswerSync(member, ErrorCode.RebalanceInProgress, now);
            }
        }

        events.RebalanceBegan(this, reason);
        _isInitialDelay = State == GroupState.Empty;
        State = GroupState.PreparingRebalance;
        _syncDeadline = null;
        if (!_isInitialDelay)
        {
            _joinDeadline = now + Members.RebalanceTimeout;
            CompleteJoinIfAllIn(now);
            return;
        }

        _joinedDuringDelay = false;
        _joinDeadline = now + options.InitialRebalanceDelay;
        _initialDelayLeft = Members.RebalanceTimeout - options.InitialRebalanceDelay;
        if (_joinDeadline <= now)
            EndJoinWait(now);
    }

    private void CompleteJoinIfAllIn(TimeSpan now)
    {
        if (State == GroupState.PreparingRebalance && !_isInitialDelay && _promised.Count == 0 && Members.HaveAllJoined)
            CompleteJoin(now);
    }

    private void EndJoinWait(TimeSpan now)
    {
        // While members keep coming, a new group waits on: better one rebalance of ten members than ten rebalances.
        if (_isInitialDelay && _joinedDuringDelay && _initialDelayLeft > TimeSpan.Zero)
        {
            var wait = _initialDelayLeft < options.InitialRebalanceDelay ? _initialDelayLeft : options.InitialRebalanceDelay;
            _joinedDuringDelay = false;
            _joinDeadline = now + wait;
            _initialDelayLeft -= wait;
            return;
        }

        CompleteJoin(now);
    }

    private void CompleteJoin(TimeSpan now)
    {
        _isInitialDelay = false;
        foreach (var absent in Members.All.Where(member => member.Join is null && member.InstanceId is null).ToList())
        {
            Remove(absent);
            events.MemberExpired(this, absent);
        }

        if (Members.Count > 0 && !Members.ElectJoinedLeader())
        {
            // Only static members are left and none has come: wait until one does, or its session ends.
            _joinDeadline = now + Members.RebalanceTimeout;
            return;
        }

        _joinDeadline = null;
        Generation++;
        if (Members.Count == 0)
        {
            State = GroupState.Empty;
            ProtocolName = null;
            events.GenerationBegan(this);
            return;
        }

        ProtocolName = Members.SelectProtocol();
        State = GroupState.CompletingRebalance;
        _syncDeadline = now + Members.RebalanceTimeout;
        events.GenerationBegan(this);
        foreach (var member in Members.All)
        {
            member.HasSynced = false;
            if (member.Join is not { } parked)
                continue;
            member.Join = null;
            member.Touch(now);
            parked.Give(GroupAnswers.Accept(this, member, Members.Leader!.Id, withMembers: member == Members.Leader));
        }
    }

    private void HandOut(List<SyncGroupRequest.SyncGroupRequestAssignment> assignments, TimeSpan now)
    {
        foreach (var member in Members.All)
            member.Assignment = [];
        foreach (var assignment in assignments)
        {
            if (Members.Find(assignment.MemberId) is { } member)
                member.Assignment = assignment.Assignment;
        }

        State = GroupState.Stable;
        ForgetSyncDeadlineIfAllSynced();
        foreach (var member in Members.All)
            AnswerSync(member, ErrorCode.None, now);
    }

    private void ForgetSyncDeadlineIfAllSynced()
    {
        if (Members.All.All(member => member.HasSynced))
            _syncDeadline = null;
    }

    private void RemoveThoseWhoNeverSynced(TimeSpan now)
    {
        _syncDeadline = null;
        var silent = Members.All.Where(member => !member.HasSynced).ToList();
        foreach (var member in silent)
        {
            Remove(member);
            events.MemberExpired(this, member);
        }

        if (silent.Count > 0)
            Prepare(now, "a member never asked for its assignment");
    }

    private void Remove(GroupMember member)
    {
        Answer(member, ErrorCode.UnknownMemberId);
        Members.Remove(member);
    }

    private void AfterRemoval(TimeSpan now, string reason)
    {
        if (State is GroupState.Stable or GroupState.CompletingRebalance)
            Prepare(now, reason);
        else
            CompleteJoinIfAllIn(now);
    }

    private static void Answer(GroupMember member, ErrorCode error)
    {
        var join = member.Join;
        member.Join = null;
        join?.Give(GroupAnswers.Refuse(error, member.Id, join.Version));
        var sync = member.Sync;
        member.Sync = null;
        sync?.Give(GroupAnswers.Refuse(error));
    }

    private void AnswerSync(GroupMember member, ErrorCode error, TimeSpan now)
    {
        if (member.Sync is not { } parked)
            return;
        member.Sync = null;
        member.Touch(now);
        parked.Give(error == ErrorCode.None ? GroupAnswers.Assign(this, member) : GroupAnswers.Refuse(error));
    }

    private ErrorCode Validate(string memberId, string? instanceId)
    {
        if (instanceId is not null)
        {
            return Members.FindInstance(instanceId) is not { } holder ? ErrorCode.UnknownMemberId
                : holder.Id != memberId ? ErrorCode.FencedInstanceId
                : ErrorCode.None;
        }

        return Members.Find(memberId) is null ? ErrorCode.UnknownMemberId : ErrorCode.None;
    }
}
