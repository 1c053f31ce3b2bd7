using System.Text;
using Broker.Groups;
using Kafka.Protocol;
using Kafka.Protocol.Messages;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using TestKit;

namespace Broker.Tests.Groups;

/// <summary>A coordinator over a folder of its own and a clock that moves when the test says so.</summary>
internal sealed class GroupScene : IAsyncDisposable
{
    public const string Group = "readers";

    public static readonly TimeSpan Session = TimeSpan.FromSeconds(10);
    public static readonly TimeSpan Rebalance = TimeSpan.FromSeconds(60);

    private readonly TempDirectory _directory = new();

    private GroupScene(GroupCoordinatorOptions options, FakeTimeProvider? time) =>
        (Options, Time) = (options, time ?? new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero)));

    public GroupCoordinatorOptions Options { get; }

    public FakeTimeProvider Time { get; }

    public GroupCoordinator Coordinator { get; private set; } = null!;

    public string JournalDirectory => _directory.Combine("groups");

    public static async Task<GroupScene> OpenAsync(GroupCoordinatorOptions? options = null, FakeTimeProvider? time = null)
    {
        var scene = new GroupScene(options ?? new GroupCoordinatorOptions { InitialRebalanceDelay = TimeSpan.Zero }, time);
        await scene.ReopenAsync();
        return scene;
    }

    /// <summary>Opens the coordinator again over the same files, after closing it if it is open.</summary>
    public async Task ReopenAsync()
    {
        if (Coordinator is not null)
            await Coordinator.DisposeAsync();
        Coordinator = await GroupCoordinator.OpenAsync(
            JournalDirectory, Options, (topic, partition) => topic != "nowhere" && partition < 1000, Time, NullLogger<GroupCoordinator>.Instance, default);
    }

    public GroupClient Client(string name, short version = 5, string? instance = null) => new(this, name, version, instance);

    /// <summary>Members in generation after generation until all of them share one, with the assignments the leader gave.</summary>
    public static async Task BalanceAsync(params GroupClient[] clients)
    {
        var joins = clients.Select(client => client.JoinAsync()).ToArray();
        await Task.WhenAll(joins).WaitAsync(Patience);
        Assert.All(joins, join => Assert.Equal(ErrorCode.None, join.Result.ErrorCode));
        await Task.WhenAll(clients.Select(client => client.SyncAsync())).WaitAsync(Patience);
    }

    /// <summary>How long a test waits for what must come.</summary>
    public static TimeSpan Patience => TimeSpan.FromSeconds(20);

    public async Task<string> StateAsync(string group = Group) => (await DescribeAsync(group)).GroupState;

    public async Task<DescribeGroupsResponse.DescribedGroup> DescribeAsync(string group = Group) =>
        (await Coordinator.DescribeAsync(new DescribeGroupsRequest { Groups = [group] }, From(5), default)).Groups.Single();

    /// <summary>Commits from outside the group, as a tool does.</summary>
    public Task<ErrorCode> CommitAsync(string topic, int partition, long offset, string metadata = "", string group = Group) =>
        CommitAsync(new OffsetCommitRequest { GroupId = group }, topic, partition, offset, metadata);

    public async Task<ErrorCode> CommitAsync(OffsetCommitRequest request, string topic, int partition, long offset, string metadata = "")
    {
        request.Topics =
        [
            new OffsetCommitRequest.OffsetCommitRequestTopic
            {
                Name = topic,
                Partitions = [new() { PartitionIndex = partition, CommittedOffset = offset, CommittedMetadata = metadata }],
            },
        ];
        var response = await Coordinator.CommitOffsetsAsync(request, From(7), default);
        return response.Topics.Single().Partitions.Single().ErrorCode;
    }

    /// <summary>The committed offset, -1 for none.</summary>
    public async Task<long> CommittedAsync(string topic, int partition, string group = Group)
    {
        var request = new OffsetFetchRequest { GroupId = group, Topics = [new() { Name = topic, PartitionIndexes = [partition] }] };
        var response = await Coordinator.FetchOffsetsAsync(request, From(7), default);
        Assert.Equal(ErrorCode.None, response.ErrorCode);
        return response.Topics.Single().Partitions.Single().CommittedOffset;
    }

    public static RequestContext From(short version, string client = "client") => new(version, client, "/127.0.0.1");

    public async ValueTask DisposeAsync()
    {
        await Coordinator.DisposeAsync();
        _directory.Dispose();
    }
}

/// <summary>One consumer as the coordinator sees it: it remembers its member id and generation as a real client does.</summary>
internal sealed class GroupClient(GroupScene scene, string name, short version, string? instance)
{
    public string MemberId { get; set; } = "";

    public int Generation { get; set; } = -1;

    public JoinGroupResponse? Joined { get; private set; }

    public string Subscription { get; set; } = "logs";

    public string[] Protocols { get; set; } = ["range"];

    public bool Leads => Joined is { } joined && joined.Leader == joined.MemberId;

    public JoinGroupRequest JoinRequest() => new()
    {
        GroupId = GroupScene.Group,
        MemberId = MemberId,
        GroupInstanceId = instance,
        SessionTimeoutMs = (int)GroupScene.Session.TotalMilliseconds,
        RebalanceTimeoutMs = (int)GroupScene.Rebalance.TotalMilliseconds,
        ProtocolType = "consumer",
        Protocols = [.. Protocols.Select(protocol => new JoinGroupRequest.JoinGroupRequestProtocol { Name = protocol, Metadata = Subscribe(Subscription) })],
    };

    /// <summary>Joins; one who is told to bring an id comes back with it at once.</summary>
    public async Task<JoinGroupResponse> JoinAsync()
    {
        var response = await scene.Coordinator.JoinAsync(JoinRequest(), GroupScene.From(version, name), default).AsTask().WaitAsync(GroupScene.Patience);
        if (response.ErrorCode == ErrorCode.MemberIdRequired)
        {
            MemberId = response.MemberId;
            response = await scene.Coordinator.JoinAsync(JoinRequest(), GroupScene.From(version, name), default).AsTask().WaitAsync(GroupScene.Patience);
        }

        if (response.ErrorCode == ErrorCode.None)
            (MemberId, Generation, Joined) = (response.MemberId, response.GenerationId, response);
        return response;
    }

    /// <summary>Syncs; the leader gives every member its own id as assignment.</summary>
    public async Task<SyncGroupResponse> SyncAsync() => await scene.Coordinator.SyncAsync(
        new SyncGroupRequest
        {
            GroupId = GroupScene.Group,
            MemberId = MemberId,
            GroupInstanceId = instance,
            GenerationId = Generation,
            Assignments = Leads
                ? [.. Joined!.Members.Select(m => new SyncGroupRequest.SyncGroupRequestAssignment { MemberId = m.MemberId, Assignment = Encoding.UTF8.GetBytes(m.MemberId) })]
                : [],
        },
        GroupScene.From(3, name),
        default);

    public async Task<ErrorCode> HeartbeatAsync() => (await scene.Coordinator.HeartbeatAsync(
        new HeartbeatRequest { GroupId = GroupScene.Group, MemberId = MemberId, GroupInstanceId = instance, GenerationId = Generation },
        GroupScene.From(3, name),
        default)).ErrorCode;

    public async Task<ErrorCode> LeaveAsync() => (await scene.Coordinator.LeaveAsync(
        new LeaveGroupRequest { GroupId = GroupScene.Group, MemberId = MemberId }, GroupScene.From(1, name), default)).ErrorCode;

    public Task<ErrorCode> CommitAsync(string topic, int partition, long offset) => scene.CommitAsync(
        new OffsetCommitRequest { GroupId = GroupScene.Group, MemberId = MemberId, GroupInstanceId = instance, GenerationIdOrMemberEpoch = Generation },
        topic,
        partition,
        offset);

    private static byte[] Subscribe(string topic)
    {
        using var writer = new ProtocolWriter();
        writer.WriteInt16(1);
        new ConsumerProtocolSubscription { Topics = [topic] }.Write(writer, 1);
        return writer.ToArray();
    }
}
