using Broker.Groups;
using Kafka.Protocol;
using Kafka.Protocol.Messages;
using Settings;

namespace Broker.Tests.Groups;

public sealed class CommittedOffsetTests
{
    [Fact]
    public async Task What_was_committed_can_be_fetched_in_both_layouts()
    {
        await using var scene = await GroupScene.OpenAsync();
        Assert.Equal(ErrorCode.None, await scene.CommitAsync("logs", 3, 42, "note"));
        Assert.Equal(ErrorCode.None, await scene.CommitAsync("heartbeats", 0, 7));

        var old = await scene.Coordinator.FetchOffsetsAsync(new OffsetFetchRequest { GroupId = GroupScene.Group, Topics = null }, GroupScene.From(7), default);
        var request = new OffsetFetchRequest
        {
            Groups =
            [
                new() { GroupId = GroupScene.Group, Topics = [new() { Name = "logs", PartitionIndexes = [3, 4] }] },
                new() { GroupId = "unknown", Topics = [new() { Name = "logs", PartitionIndexes = [3] }] },
                new() { GroupId = "unknown", Topics = null },
            ],
        };
        var current = await scene.Coordinator.FetchOffsetsAsync(request, GroupScene.From(8), default);

        Assert.Equal(["heartbeats", "logs"], old.Topics.Select(topic => topic.Name).Order());
        Assert.Equal(("note", 42L), (old.Topics.Single(t => t.Name == "logs").Partitions.Single().Metadata, old.Topics.Single(t => t.Name == "logs").Partitions.Single().CommittedOffset));
        Assert.All(current.Groups, group => Assert.Equal(ErrorCode.None, group.ErrorCode));
        Assert.Equal([42, -1], current.Groups[0].Topics.Single().Partitions.Select(p => p.CommittedOffset));
        Assert.Equal((-1L, ""), (current.Groups[1].Topics.Single().Partitions.Single().CommittedOffset, current.Groups[1].Topics.Single().Partitions.Single().Metadata));
        Assert.Empty(current.Groups[2].Topics);
    }

    [Fact]
    public async Task Only_a_member_of_this_generation_may_commit_to_a_group_at_work()
    {
        await using var scene = await GroupScene.OpenAsync();
        var ann = scene.Client("ann");
        await GroupScene.BalanceAsync(ann);

        Assert.Equal(ErrorCode.None, await ann.CommitAsync("logs", 0, 5));
        ann.Generation--;
        Assert.Equal(ErrorCode.IllegalGeneration, await ann.CommitAsync("logs", 0, 6));
        ann.Generation += 2;
        Assert.Equal(ErrorCode.IllegalGeneration, await ann.CommitAsync("logs", 0, 6));
        ann.MemberId = "stranger";
        Assert.Equal(ErrorCode.UnknownMemberId, await ann.CommitAsync("logs", 0, 6));
        Assert.Equal(ErrorCode.UnknownMemberId, await scene.CommitAsync("logs", 0, 6));

        Assert.Equal(5, await scene.CommittedAsync("logs", 0));
    }

    [Fact]
    public async Task A_member_may_save_its_work_while_a_rebalance_is_prepared_but_not_once_the_next_generation_began()
    {
        await using var scene = await GroupScene.OpenAsync();
        var (ann, bob) = (scene.Client("ann"), scene.Client("bob"));
        await GroupScene.BalanceAsync(ann);
        var joining = bob.JoinAsync();
        Assert.Equal(ErrorCode.RebalanceInProgress, await ann.HeartbeatAsync());

        Assert.Equal(ErrorCode.None, await ann.CommitAsync("logs", 0, 5));
        await ann.JoinAsync().WaitAsync(GroupScene.Patience);
        await joining.WaitAsync(GroupScene.Patience);
        Assert.Equal(ErrorCode.RebalanceInProgress, await ann.CommitAsync("logs", 0, 6));
    }

    [Fact]
    public async Task A_commit_keeps_its_member_alive()
    {
        await using var scene = await GroupScene.OpenAsync();
        var ann = scene.Client("ann");
        await GroupScene.BalanceAsync(ann);

        for (var i = 0; i < 4; i++)
        {
            scene.Time.Advance(GroupScene.Session * 0.9);
            Assert.Equal(ErrorCode.None, await ann.CommitAsync("logs", 0, i));
        }

        Assert.Equal("Stable", await scene.StateAsync());
    }

    [Fact]
    public async Task A_member_of_a_group_that_is_gone_may_not_bring_it_back()
    {
        await using var scene = await GroupScene.OpenAsync();
        var request = new OffsetCommitRequest { GroupId = "gone", GenerationIdOrMemberEpoch = 3, MemberId = "ann" };

        Assert.Equal(ErrorCode.IllegalGeneration, await scene.CommitAsync(request, "logs", 0, 1));
        Assert.Equal("Dead", await scene.StateAsync("gone"));
    }

    [Fact]
    public async Task One_bad_partition_does_not_spoil_the_others()
    {
        await using var scene = await GroupScene.OpenAsync();
        var request = new OffsetCommitRequest
        {
            GroupId = GroupScene.Group,
            Topics =
            [
                new() { Name = "nowhere", Partitions = [new() { PartitionIndex = 0, CommittedOffset = 1 }] },
                new()
                {
                    Name = "logs",
                    Partitions =
                    [
                        new() { PartitionIndex = 0, CommittedOffset = 1, CommittedMetadata = new string('x', 4097) },
                        new() { PartitionIndex = 1, CommittedOffset = 2, CommittedMetadata = new string('x', 4096) },
                        new() { PartitionIndex = 2, CommittedOffset = 3, CommittedMetadata = null },
                    ],
                },
            ],
        };

        var response = await scene.Coordinator.CommitOffsetsAsync(request, GroupScene.From(8), default);

        Assert.Equal(
            [ErrorCode.UnknownTopicOrPartition, ErrorCode.OffsetMetadataTooLarge, ErrorCode.None, ErrorCode.None],
            response.Topics.SelectMany(topic => topic.Partitions).Select(partition => partition.ErrorCode));
        Assert.Equal((long[])[-1, 2, 3], new[] { await scene.CommittedAsync("logs", 0), await scene.CommittedAsync("logs", 1), await scene.CommittedAsync("logs", 2) });
    }

    [Fact]
    public async Task Offsets_beyond_the_limit_are_refused_but_known_partitions_go_on()
    {
        await using var scene = await GroupScene.OpenAsync(new GroupCoordinatorOptions { OffsetsMax = 2 });
        await scene.CommitAsync("logs", 0, 1);
        await scene.CommitAsync("logs", 1, 1);

        Assert.Equal(ErrorCode.InvalidCommitOffsetSize, await scene.CommitAsync("logs", 2, 1));
        Assert.Equal(ErrorCode.None, await scene.CommitAsync("logs", 0, 9));
        Assert.Equal(9, await scene.CommittedAsync("logs", 0));
    }

    [Fact]
    public async Task Offsets_are_there_after_a_restart()
    {
        await using var scene = await GroupScene.OpenAsync(new GroupCoordinatorOptions { InitialRebalanceDelay = TimeSpan.Zero, Flush = FlushPolicy.Always });
        var ann = scene.Client("ann");
        await GroupScene.BalanceAsync(ann);
        await ann.CommitAsync("logs", 0, 41);
        await ann.CommitAsync("logs", 0, 42);

        await scene.ReopenAsync();

        Assert.Equal(42, await scene.CommittedAsync("logs", 0));
        Assert.Equal("Empty", await scene.StateAsync());
        Assert.Equal(ErrorCode.UnknownMemberId, await ann.HeartbeatAsync()); // so it joins again
        Assert.Equal(ErrorCode.UnknownMemberId, await ann.CommitAsync("logs", 0, 1));
    }

    [Fact]
    public async Task Deleted_groups_offsets_and_topics_stay_deleted_after_a_restart()
    {
        await using var scene = await GroupScene.OpenAsync();
        await scene.CommitAsync("logs", 0, 1, group: "deleted");
        await scene.CommitAsync("logs", 0, 1);
        await scene.CommitAsync("logs", 1, 2);
        await scene.CommitAsync("old-topic", 0, 3);

        var groups = await scene.Coordinator.DeleteAsync(new DeleteGroupsRequest { GroupsNames = ["deleted", "unknown"] }, GroupScene.From(2), default);
        var offsets = await scene.Coordinator.DeleteOffsetsAsync(
            new OffsetDeleteRequest { GroupId = GroupScene.Group, Topics = [new() { Name = "logs", Partitions = [new() { PartitionIndex = 0 }] }] }, GroupScene.From(0), default);
        await scene.Coordinator.ForgetTopicAsync("old-topic", default);

        Assert.Equal([ErrorCode.None, ErrorCode.GroupIdNotFound], groups.Results.Select(result => result.ErrorCode));
        Assert.Equal(ErrorCode.None, offsets.Topics.Single().Partitions.Single().ErrorCode);
        for (var round = 0; round < 2; round++)
        {
            Assert.Equal("Dead", await scene.StateAsync("deleted"));
            Assert.Equal((long[])[-1, 2, -1], new[] { await scene.CommittedAsync("logs", 0), await scene.CommittedAsync("logs", 1), await scene.CommittedAsync("old-topic", 0) });
            await scene.ReopenAsync();
        }
    }

    [Fact]
    public async Task A_group_at_work_cannot_be_deleted_nor_the_offsets_of_what_it_reads()
    {
        await using var scene = await GroupScene.OpenAsync();
        var ann = scene.Client("ann");
        await GroupScene.BalanceAsync(ann);
        await ann.CommitAsync("logs", 0, 1);
        await ann.CommitAsync("left-behind", 0, 1);

        var groups = await scene.Coordinator.DeleteAsync(new DeleteGroupsRequest { GroupsNames = [GroupScene.Group] }, GroupScene.From(2), default);
        var offsets = await scene.Coordinator.DeleteOffsetsAsync(
            new OffsetDeleteRequest
            {
                GroupId = GroupScene.Group,
                Topics = [new() { Name = "logs", Partitions = [new() { PartitionIndex = 0 }] }, new() { Name = "left-behind", Partitions = [new() { PartitionIndex = 0 }] }],
            },
            GroupScene.From(0),
            default);

        Assert.Equal(ErrorCode.NonEmptyGroup, groups.Results.Single().ErrorCode);
        Assert.Equal([ErrorCode.GroupSubscribedToTopic, ErrorCode.None], offsets.Topics.Select(topic => topic.Partitions.Single().ErrorCode));
        Assert.Equal((long[])[1, -1], new[] { await scene.CommittedAsync("logs", 0), await scene.CommittedAsync("left-behind", 0) });
    }

    [Fact]
    public async Task Offsets_expire_only_once_their_group_has_been_empty_for_their_retention()
    {
        await using var scene = await GroupScene.OpenAsync();
        var ann = scene.Client("ann");
        await GroupScene.BalanceAsync(ann);
        await ann.CommitAsync("logs", 0, 1);
        for (var alive = TimeSpan.Zero; alive < scene.Options.OffsetsRetention * 1.1; alive += TimeSpan.FromHours(1))
        {
            // A quiet partition: nothing new to commit for longer than the retention.
            scene.Time.Advance(TimeSpan.FromHours(1));
            if (await ann.HeartbeatAsync() != ErrorCode.None)
                await GroupScene.BalanceAsync(Fresh(ann));
        }

        Assert.Equal(1, await scene.CommittedAsync("logs", 0));
        await ann.LeaveAsync();
        scene.Time.Advance(scene.Options.OffsetsRetention - TimeSpan.FromHours(1));
        await scene.CommitAsync("another", 0, 2, group: "barrier");
        Assert.Equal(1, await scene.CommittedAsync("logs", 0));
        scene.Time.Advance(TimeSpan.FromHours(2));
        await scene.CommitAsync("another", 0, 3, group: "barrier"); // the journal does one after the other

        Assert.Equal(-1, await scene.CommittedAsync("logs", 0));
        Assert.Equal(3, await scene.CommittedAsync("another", 0, "barrier"));

        static GroupClient Fresh(GroupClient client)
        {
            client.MemberId = "";
            return client;
        }
    }

    [Fact]
    public async Task A_journal_that_has_grown_is_rewritten_and_says_the_same()
    {
        await using var scene = await GroupScene.OpenAsync(new GroupCoordinatorOptions { JournalBytesMax = 4096 });
        for (var i = 0; i < 2000; i++)
            await scene.CommitAsync("logs", i % 10, i);

        var file = Assert.Single(Directory.GetFiles(scene.JournalDirectory));
        Assert.InRange(new FileInfo(file).Length, 1, 8192);
        Assert.NotEqual("offsets-0000000001.journal", Path.GetFileName(file));
        await scene.ReopenAsync();
        for (var partition = 0; partition < 10; partition++)
            Assert.Equal(1990 + partition, await scene.CommittedAsync("logs", partition));
    }

    [Fact]
    public async Task Every_torn_tail_loses_only_the_unfinished_commit()
    {
        await using var scene = await GroupScene.OpenAsync();
        await scene.CommitAsync("logs", 0, 1);
        await scene.CommitAsync("logs", 1, 2);
        var file = Directory.GetFiles(scene.JournalDirectory).Single();
        await scene.Coordinator.DisposeAsync();
        var two = await File.ReadAllBytesAsync(file);
        await scene.ReopenAsync();
        await scene.CommitAsync("logs", 1, 99);
        await scene.Coordinator.DisposeAsync();
        var three = await File.ReadAllBytesAsync(file);

        for (var length = two.Length; length < three.Length; length++)
        {
            await File.WriteAllBytesAsync(file, three[..length]);
            await scene.ReopenAsync();

            Assert.Equal((long[])[1, 2], new[] { await scene.CommittedAsync("logs", 0), await scene.CommittedAsync("logs", 1) });
            Assert.Equal(two.Length, new FileInfo(file).Length);
            await scene.CommitAsync("logs", 1, 3); // what follows the cut is whole again
            await scene.ReopenAsync();
            Assert.Equal(3, await scene.CommittedAsync("logs", 1));
            await scene.Coordinator.DisposeAsync();
        }
    }

    [Fact]
    public async Task Damage_is_cut_off_and_kept_aside()
    {
        await using var scene = await GroupScene.OpenAsync();
        await scene.CommitAsync("logs", 0, 1);
        var file = Directory.GetFiles(scene.JournalDirectory).Single();
        await scene.CommitAsync("logs", 0, 2);
        await scene.Coordinator.DisposeAsync();
        var bytes = await File.ReadAllBytesAsync(file);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(file, bytes);

        await scene.ReopenAsync();

        Assert.Equal(1, await scene.CommittedAsync("logs", 0));
        Assert.True(new FileInfo(file + ".cut").Length > 0);
    }

    [Fact]
    public async Task A_file_that_is_no_journal_stops_the_start_with_words()
    {
        await using var scene = await GroupScene.OpenAsync();
        var file = Directory.GetFiles(scene.JournalDirectory).Single();
        await scene.Coordinator.DisposeAsync();
        await File.WriteAllTextAsync(file, "something else entirely");

        var failure = await Assert.ThrowsAsync<SetupException>(scene.ReopenAsync);

        Assert.Contains(file, failure.Message, StringComparison.Ordinal);
        Assert.Equal("something else entirely", await File.ReadAllTextAsync(file));
    }

    [Fact]
    public async Task Many_commits_at_once_share_the_journal_and_none_is_lost()
    {
        await using var scene = await GroupScene.OpenAsync(new GroupCoordinatorOptions { Flush = FlushPolicy.Always, JournalBytesMax = 16 * 1024 });

        await Task.WhenAll(Enumerable.Range(0, 8).Select(partition => Task.Run(async () =>
        {
            for (var offset = 0; offset < 200; offset++)
                Assert.Equal(ErrorCode.None, await scene.CommitAsync("logs", partition, offset, group: $"group-{partition % 3}"));
        }))).WaitAsync(GroupScene.Patience);
        await scene.ReopenAsync();

        for (var partition = 0; partition < 8; partition++)
            Assert.Equal(199, await scene.CommittedAsync("logs", partition, $"group-{partition % 3}"));
    }
}
