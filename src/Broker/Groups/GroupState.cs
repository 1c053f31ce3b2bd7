namespace Broker.Groups;

/// <summary>Where a group is in its life. The words are the ones DescribeGroups and ListGroups use.</summary>
/// <remarks>
/// <code>
///            first join                 everybody in, or time up             leader's assignment
/// Empty ───────────────► PreparingRebalance ───────────────► CompletingRebalance ───────────────► Stable
///   ▲                     │      ▲      ▲                            │                              │
///   └─────────────────────┘      │      └────────────────────────────┘                              │
///         nobody came            └──────────────────────────────────────────────────────────────────┘
///                                         a member joins, changes, leaves or falls silent
/// </code>
/// </remarks>
internal enum GroupState
{
    /// <summary>No members. Offsets may be committed from outside.</summary>
    Empty,

    /// <summary>Members are asked to join again; joins are parked until all have, or the rebalance time-out is over.</summary>
    PreparingRebalance,

    /// <summary>A generation has begun; its members wait for the leader's assignment.</summary>
    CompletingRebalance,

    /// <summary>Everybody has an assignment.</summary>
    Stable,
}
