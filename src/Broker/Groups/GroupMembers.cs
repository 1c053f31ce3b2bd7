using Kafka.Protocol.Messages;

namespace Broker.Groups;

/// <summary>A group's members in the order they came, with the leader and the protocol they agree on.</summary>
internal sealed class GroupMembers
{
    private readonly List<GroupMember> _inOrder = [];
    private readonly Dictionary<string, GroupMember> _byId = [];
    private readonly Dictionary<string, GroupMember> _byInstance = [];

    public int Count => _inOrder.Count;

    public IReadOnlyList<GroupMember> All => _inOrder;

    public GroupMember? Leader { get; private set; }

    public bool HaveAllJoined => _inOrder.TrueForAll(member => member.Join is not null);

    /// <summary>How long a rebalance waits: as long as its most patient member allows.</summary>
    public TimeSpan RebalanceTimeout => _inOrder.Count == 0 ? TimeSpan.Zero : _inOrder.Max(member => member.RebalanceTimeout);

    public GroupMember? Find(string id) => _byId.GetValueOrDefault(id);

    public GroupMember? FindInstance(string instanceId) => _byInstance.GetValueOrDefault(instanceId);

    public void Add(GroupMember member)
    {
        _inOrder.Add(member);
        _byId.Add(member.Id, member);
        if (member.InstanceId is { } instance)
            _byInstance.Add(instance, member);
        Leader ??= member;
    }

    public void Remove(GroupMember member)
    {
        _inOrder.Remove(member);
        _byId.Remove(member.Id);
        if (member.InstanceId is { } instance)
            _byInstance.Remove(instance);
        if (Leader == member)
            Leader = _inOrder.Count > 0 ? _inOrder[0] : null;
    }

    /// <summary>Gives a static member that has come back its new id.</summary>
    public void Rename(GroupMember member, string id)
    {
        _byId.Remove(member.Id);
        member.Id = id;
        _byId.Add(id, member);
    }

    /// <summary>Makes sure that the leader is one who has joined: another would not answer.</summary>
    /// <returns>False when nobody has.</returns>
    public bool ElectJoinedLeader()
    {
        if (Leader?.Join is not null)
            return true;
        if (_inOrder.Find(member => member.Join is not null) is not { } joined)
            return false;
        Leader = joined;
        return true;
    }

    /// <summary>Whether one who offers these protocols has one in common with all who are there.</summary>
    public bool Share(List<JoinGroupRequest.JoinGroupRequestProtocol> protocols) =>
        protocols.Exists(protocol => _inOrder.TrueForAll(member => member.Knows(protocol.Name)));

    /// <summary>
    /// The protocol of the next generation: each member votes for the first of its own that all know, most votes win; at a tie, the one
    /// that was voted for first.
    /// </summary>
    public string SelectProtocol()
    {
        var votes = new List<(string Protocol, int Count)>();
        foreach (var member in _inOrder)
        {
            var choice = member.Protocols.First(protocol => _inOrder.TrueForAll(other => other.Knows(protocol.Name))).Name;
            var at = votes.FindIndex(vote => vote.Protocol == choice);
            if (at < 0)
                votes.Add((choice, 1));
            else
                votes[at] = (choice, votes[at].Count + 1);
        }

        return votes.MaxBy(vote => vote.Count).Protocol;
    }
}
