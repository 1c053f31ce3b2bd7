using Kafka.Protocol.Messages;
using System.Text;

namespace Broker.Tests.Groups;

public sealed class GroupQueryTests
{
    [Fact]
    public async Task A_stable_group_is_described_with_its_members_and_their_assignments()
    {
        await using var scene = await GroupScene.OpenAsync();
        var ann = scene.Client("ann", instance: "rack-1");
        await GroupScene.BalanceAsync(ann);

        var group = await scene.DescribeAsync();

        Assert.Equal(("Stable", "consumer", "range"), (group.GroupState, group.ProtocolType, group.ProtocolData));
        var member = Assert.Single(group.Members);
        Assert.Equal((ann.MemberId, "rack-1", "ann", "/127.0.0.1"), (member.MemberId, member.GroupInstanceId, member.ClientId, member.ClientHost));
        Assert.Equal(ann.MemberId, Encoding.UTF8.GetString(member.MemberAssignment));
        Assert.Equal(ann.JoinRequest().Protocols[0].Metadata, member.MemberMetadata);
    }

    [Fact]
    public async Task Groups_are_listed_by_their_states()
    {
        await using var scene = await GroupScene.OpenAsync();
        await GroupScene.BalanceAsync(scene.Client("ann"));
        await scene.CommitAsync("logs", 0, 1, group: "tool");

        var all = await scene.Coordinator.ListAsync(new ListGroupsRequest(), GroupScene.From(4), default);
        var empty = await scene.Coordinator.ListAsync(new ListGroupsRequest { StatesFilter = ["empty"] }, GroupScene.From(4), default);

        Assert.Equal([("readers", "consumer", "Stable"), ("tool", "", "Empty")], all.Groups.Select(g => (g.GroupId, g.ProtocolType, g.GroupState)).Order());
        Assert.Equal(["tool"], empty.Groups.Select(g => g.GroupId));
    }

    [Fact]
    public async Task A_group_nobody_knows_is_dead_and_no_error() => Assert.Equal("Dead", await StateOfUnknownAsync());

    private static async Task<string> StateOfUnknownAsync()
    {
        await using var scene = await GroupScene.OpenAsync();
        return await scene.StateAsync("never-heard-of");
    }
}
