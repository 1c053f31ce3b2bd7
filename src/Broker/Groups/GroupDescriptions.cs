using Kafka.Protocol;
using Kafka.Protocol.Messages;

namespace Broker.Groups;

/// <summary>Groups as DescribeGroups tells of them.</summary>
internal static class GroupDescriptions
{
    /// <summary>What Kafka calls a group that is not there; no error before version 6.</summary>
    public static DescribeGroupsResponse.DescribedGroup Dead(string groupId) => new() { GroupId = groupId, GroupState = "Dead" };

    public static DescribeGroupsResponse.DescribedGroup Describe(Group group)
    {
        // Before the group is stable there is nothing that all have agreed on; Kafka tells members without their data then.
        var isStable = group.State == GroupState.Stable;
        var described = new DescribeGroupsResponse.DescribedGroup
        {
            GroupId = group.Id,
            GroupState = group.State.ToString(),
            ProtocolType = group.ProtocolType ?? "",
            ProtocolData = isStable ? group.ProtocolName! : "",
        };
        foreach (var member in group.Members.All)
        {
            described.Members.Add(new DescribeGroupsResponse.DescribedGroupMember
            {
                MemberId = member.Id,
                GroupInstanceId = member.InstanceId,
                ClientId = member.ClientId,
                ClientHost = member.ClientHost,
                MemberMetadata = isStable ? member.MetadataFor(group.ProtocolName) : [],
                MemberAssignment = isStable ? member.Assignment : [],
            });
        }

        return described;
    }

    /// <summary>The topics its members read; null when that cannot be told, because they are no consumers or say it in a way of their own.</summary>
    public static HashSet<string>? SubscribedTopics(Group group)
    {
        if (group.ProtocolType != "consumer")
            return null;
        var topics = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in group.Members.All)
        {
            foreach (var protocol in member.Protocols)
            {
                if (!TryReadTopics(protocol.Metadata, topics))
                    return null;
            }
        }

        return topics;
    }

    private static bool TryReadTopics(byte[] metadata, HashSet<string> topics)
    {
        try
        {
            var reader = new ProtocolReader(metadata);

            // A newer version begins as the newest known one does.
            var version = Math.Min(reader.ReadInt16(), ConsumerProtocolSubscription.HighestVersion);
            topics.UnionWith(ConsumerProtocolSubscription.Read(ref reader, version).Topics);
            return true;
        }
        catch (ProtocolException)
        {
            return false;
        }
    }
}
