using System.Text;
using Broker.Groups;
using Kafka.Protocol;

namespace Broker.Tests.Groups;

public sealed class GroupRebalanceTests
{
    [Fact]
    public async Task Two_members_share_a_generation_and_get_what_the_leader_assigned()
    {
        await using var scene = await GroupScene.OpenAsync(new GroupCoordinatorOptions { InitialRebalanceDelay = TimeSpan.FromMilliseconds(100) });
        var (ann, bob) = (scene.Client("ann"), scene.Client("bob"));
        var joins = new[] { ann.JoinAsync(), bob.JoinAsync() };
        Assert.All(joins, join => Assert.False(join.IsCompleted));

        // The second joined within the delay, so it is waited once more for a third.
        scene.Time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.All(joins, join => Assert.False(join.IsCompleted));
        scene.Time.Advance(TimeSpan.FromMilliseconds(100));

        var joined = await Task.WhenAll(joins).WaitAsync(GroupScene.Patience);
        Assert.All(joined, join => Assert.Equal((ErrorCode.None, 1, "range"), (join.ErrorCode, join.GenerationId, join.ProtocolName)));
        Assert.Equal(joined[0].Leader, joined[1].Leader);
        Assert.True(ann.Leads && !bob.Leads);
        Assert.Equal([ann.MemberId, bob.MemberId], joined[0].Members.Select(member => member.MemberId));
        Assert.Empty(joined[1].Members);
        Assert.StartsWith("ann-", ann.MemberId, StringComparison.Ordinal);

        var follower = bob.SyncAsync();
        Assert.False(follower.IsCompleted);
        Assert.Equal(ErrorCode.None, await bob.HeartbeatAsync());
        var leader = await ann.SyncAsync().WaitAsync(GroupScene.Patience);

        Assert.Equal(ann.MemberId, Encoding.UTF8.GetString(leader.Assignment));
        Assert.Equal(bob.MemberId, Encoding.UTF8.GetString((await follower.WaitAsync(GroupScene.Patience)).Assignment));
        Assert.Equal("Stable", await scene.StateAsync());
    }

    [Fact]
    public async Task A_member_must_bring_the_id_it_was_given_unless_it_is_older_than_that_rule()
    {
        await using var scene = await GroupScene.OpenAsync();
        var client = scene.Client("ann", version: 4);

        var refused = await scene.Coordinator.JoinAsync(client.JoinRequest(), GroupScene.From(4, "ann"), default);
        var direct = await scene.Coordinator.JoinAsync(client.JoinRequest(), GroupScene.From(3, "old"), default);

        Assert.Equal(ErrorCode.MemberIdRequired, refused.ErrorCode);
        Assert.StartsWith("ann-", refused.MemberId, StringComparison.Ordinal);
        Assert.Equal((ErrorCode.None, 1), (direct.ErrorCode, direct.GenerationId));
    }

    [Fact]
    public async Task A_promised_id_holds_the_group_up_only_until_it_lapses()
    {
        await using var scene = await GroupScene.OpenAsync();
        var (ann, bob) = (scene.Client("ann"), scene.Client("bob"));
        await GroupScene.BalanceAsync(ann);
        await scene.Coordinator.JoinAsync(bob.JoinRequest(), GroupScene.From(5, "bob"), default); // takes an id and never comes back

        var rejoin = ann.JoinAsync();
        Assert.False(rejoin.IsCompleted);
        scene.Time.Advance(GroupScene.Session);

        Assert.Equal(2, (await rejoin.WaitAsync(GroupScene.Patience)).GenerationId);
    }

    [Fact]
    public async Task A_follower_that_joins_again_unchanged_stays_in_its_generation()
    {
        await using var scene = await GroupScene.OpenAsync(Delayed);
        var (ann, bob) = await BalancedPairAsync(scene);

        var again = await bob.JoinAsync().WaitAsync(GroupScene.Patience);

        Assert.Equal((ErrorCode.None, 1), (again.ErrorCode, again.GenerationId));
        Assert.Equal("Stable", await scene.StateAsync());
        Assert.Equal(ErrorCode.None, await ann.HeartbeatAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_leader_that_joins_again_or_a_member_that_reads_something_else_starts_a_rebalance(bool leader)
    {
        await using var scene = await GroupScene.OpenAsync(Delayed);
        var (ann, bob) = await BalancedPairAsync(scene);
        var (moving, staying) = leader ? (ann, bob) : (bob, ann);
        if (!leader)
            moving.Subscription = "heartbeats";

        var rejoin = moving.JoinAsync();

        Assert.False(rejoin.IsCompleted);
        Assert.Equal(ErrorCode.RebalanceInProgress, await staying.HeartbeatAsync());
        await staying.JoinAsync().WaitAsync(GroupScene.Patience);
        Assert.Equal(2, (await rejoin.WaitAsync(GroupScene.Patience)).GenerationId);
        Assert.True(ann.Leads);
    }

    [Fact]
    public async Task A_member_that_falls_silent_is_removed_and_the_others_are_told()
    {
        await using var scene = await GroupScene.OpenAsync(Delayed);
        var (ann, bob) = await BalancedPairAsync(scene);

        scene.Time.Advance(GroupScene.Session / 2);
        Assert.Equal(ErrorCode.None, await bob.HeartbeatAsync());
        scene.Time.Advance(GroupScene.Session / 2);

        Assert.Equal(ErrorCode.RebalanceInProgress, await bob.HeartbeatAsync());
        Assert.Equal(ErrorCode.UnknownMemberId, await ann.HeartbeatAsync());
        await GroupScene.BalanceAsync(bob);
        Assert.Equal((2, true), (bob.Generation, bob.Leads));
    }

    [Fact]
    public async Task A_member_whose_join_is_parked_does_not_expire()
    {
        await using var scene = await GroupScene.OpenAsync(Delayed);
        var (ann, bob) = await BalancedPairAsync(scene);
        bob.Subscription = "heartbeats";
        var parked = bob.JoinAsync();

        for (var i = 0; i < 4; i++)
        {
            scene.Time.Advance(GroupScene.Session * 0.9);
            Assert.Equal(ErrorCode.RebalanceInProgress, await ann.HeartbeatAsync()); // alive, but slow to join
        }

        Assert.False(parked.IsCompleted);
        await ann.JoinAsync().WaitAsync(GroupScene.Patience);
        Assert.Equal((ErrorCode.None, 2), ((await parked.WaitAsync(GroupScene.Patience)).ErrorCode, bob.Generation));
    }

    [Fact]
    public async Task A_rebalance_goes_on_without_those_who_do_not_come_in_time()
    {
        await using var scene = await GroupScene.OpenAsync(Delayed);
        var (ann, bob) = await BalancedPairAsync(scene);
        bob.Subscription = "heartbeats";
        var parked = bob.JoinAsync();

        for (var waited = TimeSpan.Zero; waited < GroupScene.Rebalance; waited += GroupScene.Session / 2)
        {
            await ann.HeartbeatAsync();
            scene.Time.Advance(GroupScene.Session / 2);
        }

        var joined = await parked.WaitAsync(GroupScene.Patience);
        Assert.Equal((2, bob.MemberId), (joined.GenerationId, joined.Leader));
        Assert.Single(joined.Members);
        Assert.Equal(ErrorCode.UnknownMemberId, await ann.HeartbeatAsync());
    }

    [Fact]
    public async Task Followers_are_sent_back_to_join_when_their_leader_dies_before_it_assigns()
    {
        await using var scene = await GroupScene.OpenAsync(Delayed);
        var (ann, bob) = (scene.Client("ann"), scene.Client("bob"));
        var joins = new[] { ann.JoinAsync(), bob.JoinAsync() };
        scene.Time.Advance(Delayed.InitialRebalanceDelay);
        scene.Time.Advance(Delayed.InitialRebalanceDelay);
        await Task.WhenAll(joins).WaitAsync(GroupScene.Patience);

        var follower = bob.SyncAsync();
        scene.Time.Advance(GroupScene.Session);

        Assert.Equal(ErrorCode.RebalanceInProgress, (await follower.WaitAsync(GroupScene.Patience)).ErrorCode);
        await GroupScene.BalanceAsync(bob);
        Assert.Equal(2, bob.Generation);
    }

    [Fact]
    public async Task A_member_that_never_asks_for_its_assignment_is_removed()
    {
        await using var scene = await GroupScene.OpenAsync(Delayed);
        var (ann, bob) = (scene.Client("ann"), scene.Client("bob"));
        var joins = new[] { ann.JoinAsync(), bob.JoinAsync() };
        scene.Time.Advance(Delayed.InitialRebalanceDelay);
        scene.Time.Advance(Delayed.InitialRebalanceDelay);
        await Task.WhenAll(joins).WaitAsync(GroupScene.Patience);
        await ann.SyncAsync().WaitAsync(GroupScene.Patience);

        for (var waited = TimeSpan.Zero; waited < GroupScene.Rebalance; waited += GroupScene.Session / 2)
        {
            await ann.HeartbeatAsync();
            await bob.HeartbeatAsync(); // its heart beats, but it is stuck
            scene.Time.Advance(GroupScene.Session / 2);
        }

        Assert.Equal(ErrorCode.UnknownMemberId, await bob.HeartbeatAsync());
        Assert.Equal(ErrorCode.RebalanceInProgress, await ann.HeartbeatAsync());
    }

    [Fact]
    public async Task A_join_whose_answer_got_lost_is_answered_again_before_the_assignment()
    {
        await using var scene = await GroupScene.OpenAsync();
        var ann = scene.Client("ann");
        var first = await ann.JoinAsync().WaitAsync(GroupScene.Patience);

        var again = await ann.JoinAsync().WaitAsync(GroupScene.Patience);

        Assert.Equal((first.GenerationId, first.Leader), (again.GenerationId, again.Leader));
        Assert.Single(again.Members);
    }

    [Fact]
    public async Task A_join_made_twice_gives_the_first_question_an_answer()
    {
        await using var scene = await GroupScene.OpenAsync(Delayed);
        var (_, bob) = await BalancedPairAsync(scene);
        bob.Subscription = "heartbeats";
        var first = bob.JoinAsync();

        var second = bob.JoinAsync();

        Assert.Equal(ErrorCode.RebalanceInProgress, (await first.WaitAsync(GroupScene.Patience)).ErrorCode);
        Assert.False(second.IsCompleted);
    }

    [Fact]
    public async Task Leaving_rebalances_the_others_and_the_last_to_leave_leaves_an_empty_group()
    {
        await using var scene = await GroupScene.OpenAsync(Delayed);
        var (ann, bob) = await BalancedPairAsync(scene);

        Assert.Equal(ErrorCode.None, await ann.LeaveAsync());
        Assert.Equal(ErrorCode.UnknownMemberId, await ann.LeaveAsync());
        Assert.Equal(ErrorCode.RebalanceInProgress, await bob.HeartbeatAsync());
        await GroupScene.BalanceAsync(bob);
        Assert.Equal(ErrorCode.None, await bob.LeaveAsync());

        Assert.Equal("Empty", await scene.StateAsync());
    }

    [Fact]
    public async Task Old_generations_and_strangers_are_refused()
    {
        await using var scene = await GroupScene.OpenAsync();
        var ann = scene.Client("ann");
        await GroupScene.BalanceAsync(ann);

        ann.Generation--;
        Assert.Equal(ErrorCode.IllegalGeneration, await ann.HeartbeatAsync());
        Assert.Equal(ErrorCode.IllegalGeneration, (await ann.SyncAsync()).ErrorCode);
        ann.MemberId = "stranger";
        Assert.Equal(ErrorCode.UnknownMemberId, await ann.HeartbeatAsync());
        Assert.Equal(ErrorCode.UnknownMemberId, (await ann.SyncAsync()).ErrorCode);
        Assert.Equal(ErrorCode.UnknownMemberId, (await ann.JoinAsync()).ErrorCode);
    }

    [Fact]
    public async Task The_protocol_most_members_prefer_among_those_all_know_is_taken()
    {
        await using var scene = await GroupScene.OpenAsync(Delayed);
        var clients = new[] { scene.Client("ann"), scene.Client("bob"), scene.Client("cat") };
        clients[0].Protocols = ["only-ann", "range", "sticky"];
        clients[1].Protocols = ["sticky", "range"];
        clients[2].Protocols = ["sticky", "range"];
        var joins = clients.Select(client => client.JoinAsync()).ToArray();
        scene.Time.Advance(Delayed.InitialRebalanceDelay);
        scene.Time.Advance(Delayed.InitialRebalanceDelay);

        var joined = await Task.WhenAll(joins).WaitAsync(GroupScene.Patience);

        Assert.All(joined, join => Assert.Equal("sticky", join.ProtocolName));
    }

    [Fact]
    public async Task One_who_shares_no_protocol_with_the_group_is_refused()
    {
        await using var scene = await GroupScene.OpenAsync();
        await GroupScene.BalanceAsync(scene.Client("ann"));
        var stranger = scene.Client("bob");
        stranger.Protocols = ["sticky"];
        var other = scene.Client("cat").JoinRequest();
        other.ProtocolType = "connect";

        Assert.Equal(ErrorCode.InconsistentGroupProtocol, (await stranger.JoinAsync()).ErrorCode);
        Assert.Equal(ErrorCode.InconsistentGroupProtocol, (await scene.Coordinator.JoinAsync(other, GroupScene.From(5), default)).ErrorCode);
        Assert.Equal("Stable", await scene.StateAsync());
    }

    [Fact]
    public async Task A_full_group_refuses_further_members_but_not_its_own()
    {
        await using var scene = await GroupScene.OpenAsync(new GroupCoordinatorOptions { InitialRebalanceDelay = TimeSpan.Zero, MembersMax = 1 });
        var ann = scene.Client("ann");
        await GroupScene.BalanceAsync(ann);

        Assert.Equal(ErrorCode.GroupMaxSizeReached, (await scene.Client("bob").JoinAsync()).ErrorCode);
        await GroupScene.BalanceAsync(ann);
        Assert.Equal(2, ann.Generation);
    }

    [Fact]
    public async Task Groups_beyond_the_limit_are_refused_until_idle_ones_have_made_room()
    {
        await using var scene = await GroupScene.OpenAsync(new GroupCoordinatorOptions { InitialRebalanceDelay = TimeSpan.Zero, GroupsMax = 1 });
        var ann = scene.Client("ann");
        await GroupScene.BalanceAsync(ann);

        Assert.Equal(ErrorCode.CoordinatorNotAvailable, await scene.CommitAsync("logs", 0, 1, group: "another"));
        await ann.LeaveAsync();
        Assert.Equal(ErrorCode.None, await scene.CommitAsync("logs", 0, 1, group: "another"));
    }

    [Theory]
    [InlineData("", 10_000, "range", ErrorCode.InvalidGroupId)]
    [InlineData("g", 5_999, "range", ErrorCode.InvalidSessionTimeout)]
    [InlineData("g", 1_800_001, "range", ErrorCode.InvalidSessionTimeout)]
    [InlineData("g", 10_000, null, ErrorCode.InconsistentGroupProtocol)]
    public async Task A_join_that_cannot_be_is_refused(string group, int sessionTimeoutMs, string? protocol, ErrorCode expected)
    {
        await using var scene = await GroupScene.OpenAsync();
        var client = scene.Client("ann");
        client.Protocols = protocol is null ? [] : [protocol];
        var request = client.JoinRequest();
        request.GroupId = group;
        request.SessionTimeoutMs = sessionTimeoutMs;

        Assert.Equal(expected, (await scene.Coordinator.JoinAsync(request, GroupScene.From(5), default)).ErrorCode);
        Assert.Equal("Dead", await scene.StateAsync(group));
    }

    [Fact]
    public async Task Closing_answers_everybody_who_waits()
    {
        await using var scene = await GroupScene.OpenAsync(Delayed);
        var join = scene.Client("ann").JoinAsync();
        Assert.False(join.IsCompleted);

        await scene.ReopenAsync();

        Assert.Equal(ErrorCode.CoordinatorNotAvailable, (await join.WaitAsync(GroupScene.Patience)).ErrorCode);
    }

    private static GroupCoordinatorOptions Delayed { get; } = new() { InitialRebalanceDelay = TimeSpan.FromMilliseconds(50) };

    private static async Task<(GroupClient Ann, GroupClient Bob)> BalancedPairAsync(GroupScene scene)
    {
        var (ann, bob) = (scene.Client("ann"), scene.Client("bob"));
        var joins = new[] { ann.JoinAsync(), bob.JoinAsync() };
        scene.Time.Advance(Delayed.InitialRebalanceDelay);
        scene.Time.Advance(Delayed.InitialRebalanceDelay);
        await Task.WhenAll(joins).WaitAsync(GroupScene.Patience);
        await Task.WhenAll(ann.SyncAsync(), bob.SyncAsync()).WaitAsync(GroupScene.Patience);
        return (ann, bob);
    }
}
