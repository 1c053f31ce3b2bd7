using Kafka.Protocol;
using Kafka.Protocol.Messages;

namespace Broker.Groups;

/// <summary>The answers to joins and syncs, in what each version can carry.</summary>
internal static class GroupAnswers
{
    /// <summary>The first JoinGroup version that may leave the protocol's name out.</summary>
    private const short NullableProtocolVersion = 7;

    public static JoinGroupResponse Refuse(ErrorCode error, string memberId, short version) => new()
    {
        ErrorCode = error,
        MemberId = memberId,
        ProtocolName = version >= NullableProtocolVersion ? null : "",
    };

    public static JoinGroupResponse Accept(Group group, GroupMember member, string leaderId, bool withMembers, bool skipAssignment = false)
    {
        var response = new JoinGroupResponse
        {
            GenerationId = group.Generation,
            ProtocolType = group.ProtocolType,
            ProtocolName = group.ProtocolName,
            Leader = leaderId,
            MemberId = member.Id,
            SkipAssignment = skipAssignment,
        };
        if (withMembers)
        {
            foreach (var other in group.Members.All)
            {
                response.Members.Add(new JoinGroupResponse.JoinGroupResponseMember
                {
                    MemberId = other.Id,
                    GroupInstanceId = other.InstanceId,
                    Metadata = other.MetadataFor(group.ProtocolName),
                });
            }
        }

        return response;
    }

    public static SyncGroupResponse Refuse(ErrorCode error) => new() { ErrorCode = error };

    public static SyncGroupResponse Assign(Group group, GroupMember member) => new()
    {
        ProtocolType = group.ProtocolType,
        ProtocolName = group.ProtocolName,
        Assignment = member.Assignment,
    };
}
