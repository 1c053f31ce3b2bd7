using System.Text;
using Broker.Groups;
using Kafka.Protocol;
using Kafka.Protocol.Messages;

namespace Broker.Tests.Groups;

public sealed class StaticMemberTests
{
    private static readonly GroupCoordinatorOptions Delayed = new() { InitialRebalanceDelay = TimeSpan.FromMilliseconds(50) };

    private static async Task<(GroupClient Leader, GroupClient Follower)> BalancedAsync(GroupScene scene, short version = 5)
    {
        var (leader, follower) = (scene.Client("ann", version, instance: "rack-1"), scene.Client("bob", version, instance: "rack-2"));
        var joins = new[] { leader.JoinAsync(), follower.JoinAsync() };
        scene.Time.Advance(Delayed.InitialRebalanceDelay);
        scene.Time.Advance(Delayed.InitialRebalanceDelay);
        await Task.WhenAll(joins).WaitAsync(GroupScene.Patience);
        await Task.WhenAll(leader.SyncAsync(), follower.SyncAsync()).WaitAsync(GroupScene.Patience);
        return (leader, follower);
    }

    [Fact]
    public async Task A_static_member_that_restarts_gets_its_place_and_assignment_back_without_a_rebalance()
    {
        await using var scene = await GroupScene.OpenAsync(Delayed);
        var (leader, follower) = await BalancedAsync(scene);

        var restarted = scene.Client("bob", instance: "rack-2");
        var joined = await restarted.JoinAsync().WaitAsync(GroupScene.Patience);

        Assert.Equal((ErrorCode.None, 1, leader.MemberId), (joined.ErrorCode, joined.GenerationId, joined.Leader));
        Assert.NotEqual(follower.MemberId, restarted.MemberId);
        var assignment = (await restarted.SyncAsync().WaitAsync(GroupScene.Patience)).Assignment;
        Assert.Equal(follower.MemberId, Encoding.UTF8.GetString(assignment));
        Assert.Equal(ErrorCode.None, await leader.HeartbeatAsync());
    }

    [Fact]
    public async Task The_member_that_was_replaced_is_fenced_off_everywhere()
    {
        await using var scene = await GroupScene.OpenAsync(Delayed);
        var (_, old) = await BalancedAsync(scene);
        await scene.Client("bob", instance: "rack-2").JoinAsync().WaitAsync(GroupScene.Patience);

        Assert.Equal(ErrorCode.FencedInstanceId, await old.HeartbeatAsync());
        Assert.Equal(ErrorCode.FencedInstanceId, (await old.SyncAsync()).ErrorCode);
        Assert.Equal(ErrorCode.FencedInstanceId, await old.CommitAsync("logs", 0, 5));
        Assert.Equal(ErrorCode.FencedInstanceId, (await old.JoinAsync()).ErrorCode);
        Assert.Equal(-1, await scene.CommittedAsync("logs", 0));
    }

    [Fact]
    public async Task The_question_of_a_member_that_is_replaced_while_it_waits_is_answered_with_its_fencing()
    {
        await using var scene = await GroupScene.OpenAsync(Delayed);
        var (leader, old) = await BalancedAsync(scene);
        old.Subscription = "heartbeats";
        var waiting = old.JoinAsync();

        var restarted = scene.Client("bob", instance: "rack-2").JoinAsync();

        Assert.Equal(ErrorCode.FencedInstanceId, (await waiting).ErrorCode);
        await leader.JoinAsync();
        Assert.Equal((ErrorCode.None, 2), ((await restarted).ErrorCode, leader.Generation));
    }

    [Theory]
    [InlineData(5, false)]
    [InlineData(9, true)]
    public async Task A_leader_that_restarts_does_not_assign_anew(short version, bool canSkip)
    {
        await using var scene = await GroupScene.OpenAsync(Delayed);
        var (oldLeader, follower) = await BalancedAsync(scene, version);

        var restarted = scene.Client("ann", version, instance: "rack-1");
        var joined = await restarted.JoinAsync().WaitAsync(GroupScene.Patience);

        // A version that knows no "skip" is told that somebody else leads: the id it had before.
        Assert.Equal((1, canSkip), (joined.GenerationId, joined.SkipAssignment));
        Assert.Equal(canSkip ? restarted.MemberId : oldLeader.MemberId, joined.Leader);
        Assert.Equal(canSkip ? 2 : 0, joined.Members.Count);
        Assert.Equal(ErrorCode.None, await follower.HeartbeatAsync());
    }

    [Fact]
    public async Task A_static_member_is_waited_for_until_its_session_ends()
    {
        await using var scene = await GroupScene.OpenAsync(Delayed);
        var (leader, follower) = await BalancedAsync(scene);

        scene.Time.Advance(GroupScene.Session * 0.9);
        await leader.HeartbeatAsync();
        Assert.Equal("Stable", await scene.StateAsync());
        scene.Time.Advance(GroupScene.Session * 0.1);

        Assert.Equal(ErrorCode.RebalanceInProgress, await leader.HeartbeatAsync());
        Assert.Equal(ErrorCode.UnknownMemberId, await follower.HeartbeatAsync());
    }

    [Fact]
    public async Task An_administrator_can_remove_a_static_member_by_its_instance_alone()
    {
        await using var scene = await GroupScene.OpenAsync(Delayed);
        var (leader, follower) = await BalancedAsync(scene);
        var request = new LeaveGroupRequest
        {
            GroupId = GroupScene.Group,
            Members = [new() { GroupInstanceId = "rack-2" }, new() { GroupInstanceId = "rack-9" }, new() { GroupInstanceId = "rack-1", MemberId = "another" }],
        };

        var response = await scene.Coordinator.LeaveAsync(request, GroupScene.From(4), default);

        Assert.Equal(ErrorCode.None, response.ErrorCode);
        Assert.Equal(
            [ErrorCode.None, ErrorCode.UnknownMemberId, ErrorCode.FencedInstanceId], response.Members.Select(member => member.ErrorCode));
        Assert.Equal(ErrorCode.RebalanceInProgress, await leader.HeartbeatAsync());
        Assert.Equal(ErrorCode.UnknownMemberId, await follower.HeartbeatAsync());
    }
}
