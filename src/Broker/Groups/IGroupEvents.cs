namespace Broker.Groups;

/// <summary>What a group tells of itself, for logs and metrics.</summary>
internal interface IGroupEvents
{
    /// <summary>The members are asked to join again.</summary>
    void RebalanceBegan(Group group, string reason);

    /// <summary>A generation has begun, perhaps one without members.</summary>
    void GenerationBegan(Group group);

    /// <summary>A member was removed because it had fallen silent.</summary>
    void MemberExpired(Group group, GroupMember member);
}
