using System.Text;
using Broker.Groups;
using Kafka.Protocol;
using Kafka.Protocol.Messages;

namespace Broker.Tests.Groups;

/// <summary>Clients that come, go, die, hang and ask twice, at random but replayable; whatever they did, those left must end up balanced.</summary>
public sealed class GroupSimulationTests
{
    [Fact]
    public void Whatever_members_did_before_those_who_live_end_up_in_one_balanced_generation()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var world = new World(seed);
            for (var step = 0; step < 200; step++)
                world.DoSomething();

            // Longer than any time-out can hold the group up: a dead static member's session, then a rebalance.
            for (var waited = TimeSpan.Zero; waited < TimeSpan.FromMinutes(5); waited += World.Tick)
                world.LetTimePass();

            world.CheckBalanced();
        }
    }

    private sealed class World : IGroupEvents
    {
        public static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500);

        private readonly int _seed;
        private readonly Random _random;
        private readonly Group _group;
        private readonly List<Client> _alive = [];
        private TimeSpan _now;
        private int _lastGeneration;

        public World(int seed)
        {
            (_seed, _random) = (seed, new Random(seed));
            var delay = TimeSpan.FromMilliseconds(seed % 3 * 50);
            _group = new Group("simulated", new GroupCoordinatorOptions { InitialRebalanceDelay = delay, MembersMax = 20 }, this);
        }

        public void DoSomething()
        {
            switch (_random.Next(10))
            {
                case 0 when _alive.Count < 8:
                    _alive.Add(new Client(null, (short)_random.Next(3, 10)));
                    break;
                case 1 when _alive.Count < 8:
                    // A static instance starts; if it was running, the old process is gone (or thinks it is not, and is fenced).
                    var instance = $"instance-{_random.Next(3)}";
                    _alive.RemoveAll(client => client.Instance == instance);
                    _alive.Add(new Client(instance, (short)_random.Next(5, 10)));
                    break;
                case 2 when _alive.Count > 0:
                    _alive.RemoveAt(_random.Next(_alive.Count)); // kill -9
                    break;
                case 3 when _alive.Count > 0:
                    var leaving = _alive[_random.Next(_alive.Count)];
                    _group.Leave(leaving.MemberId, leaving.Instance, _now);
                    _alive.Remove(leaving);
                    break;
                case 4 when _alive.Count > 0:
                    _alive[_random.Next(_alive.Count)].ChangeSubscription(_random.Next());
                    break;
                case 5 when _alive.Count > 0:
                    _alive[_random.Next(_alive.Count)].LoseAnswer();
                    break;
                default:
                    LetTimePass();
                    break;
            }
        }

        public void LetTimePass()
        {
            _now += Tick * _random.NextDouble();
            while (_group.NextDeadline is { } deadline && deadline <= _now)
                _group.Advance(_now);
            foreach (var client in _alive)
                client.Act(_group, _now);
            CheckAlways();
        }

        public void CheckBalanced()
        {
            var seen = $"seed {_seed}: {_group.State}, generation {_group.Generation}, {_group.Members.Count} members, {_alive.Count} alive";
            Assert.True(_group.State == (_alive.Count == 0 ? GroupState.Empty : GroupState.Stable), seen);
            Assert.True(_group.Members.Count == _alive.Count, seen);
            foreach (var client in _alive)
            {
                Assert.True(client.Generation == _group.Generation, seen);
                Assert.True(client.Assignment == $"{_group.Generation}:{client.MemberId}" || client.Instance is not null, $"{seen}: {client.Assignment}");
            }
        }

        public void RebalanceBegan(Group group, string reason) => Assert.NotEmpty(reason);

        public void GenerationBegan(Group group)
        {
            Assert.Equal(_lastGeneration + 1, group.Generation);
            _lastGeneration = group.Generation;
        }

        public void MemberExpired(Group group, GroupMember member) => Assert.False(member.IsWaiting);

        private void CheckAlways()
        {
            var members = _group.Members;
            Assert.Equal(members.Count == 0, members.Leader is null);
            Assert.True(members.Leader is null || members.All.Contains(members.Leader));
            Assert.Equal(members.Count, members.All.Select(member => member.Id).Distinct().Count());
            Assert.True(_group.State != GroupState.Stable || members.All.All(member => !member.IsWaiting), $"seed {_seed}: parked in a stable group");
            Assert.True(_group.State != GroupState.Empty || members.Count == 0);
        }
    }

    /// <summary>A consumer by the book: what each error means to it is what it means to the Java client.</summary>
    private sealed class Client(string? instance, short version)
    {
        private Task<JoinGroupResponse>? _join;
        private Task<SyncGroupResponse>? _sync;
        private JoinGroupResponse? _joined;
        private int _subscription;
        private bool _mustJoin = true;

        public string? Instance => instance;

        public string MemberId { get; private set; } = "";

        public int Generation { get; private set; } = -1;

        public string Assignment { get; private set; } = "";

        public void ChangeSubscription(int subscription) => (_subscription, _mustJoin) = (subscription, true);

        /// <summary>The connection broke: whatever was asked is asked again.</summary>
        public void LoseAnswer()
        {
            if (_join is null && _sync is null)
                return;
            (_join, _sync, _mustJoin) = (null, null, true);
        }

        public void Act(Group group, TimeSpan now)
        {
            if (_mustJoin)
            {
                _mustJoin = false;
                _sync = null;
                _join = Join(group, now);
            }

            if (_join is { IsCompleted: true } join)
            {
                _join = null;
                Joined(join.Result, group, now);
            }
            else if (_sync is { IsCompleted: true } sync)
            {
                _sync = null;
                if (sync.Result.ErrorCode == ErrorCode.None)
                    Assignment = Encoding.UTF8.GetString(sync.Result.Assignment);
                else
                    Lost(sync.Result.ErrorCode);
            }
            else if (_join is null && _sync is null && MemberId.Length > 0)
            {
                var error = group.Heartbeat(new HeartbeatRequest { MemberId = MemberId, GroupInstanceId = instance, GenerationId = Generation }, now);
                if (error != ErrorCode.None)
                    Lost(error);
            }
        }

        private void Joined(JoinGroupResponse response, Group group, TimeSpan now)
        {
            switch (response.ErrorCode)
            {
                case ErrorCode.None:
                    (MemberId, Generation, _joined) = (response.MemberId, response.GenerationId, response);
                    _sync = Sync(group, now);
                    break;
                case ErrorCode.MemberIdRequired:
                    MemberId = response.MemberId;
                    _mustJoin = true;
                    break;
                default:
                    Lost(response.ErrorCode);
                    break;
            }
        }

        private void Lost(ErrorCode error)
        {
            Assert.Contains(error, (ErrorCode[])[ErrorCode.RebalanceInProgress, ErrorCode.UnknownMemberId, ErrorCode.IllegalGeneration, ErrorCode.GroupMaxSizeReached]);
            if (error == ErrorCode.UnknownMemberId)
                MemberId = "";
            _mustJoin = true;
        }

        private Task<JoinGroupResponse> Join(Group group, TimeSpan now) => group.Join(
            new JoinGroupRequest
            {
                MemberId = MemberId,
                GroupInstanceId = instance,
                SessionTimeoutMs = 10_000,
                RebalanceTimeoutMs = 60_000,
                ProtocolType = "consumer",
                Protocols = [new() { Name = "range", Metadata = BitConverter.GetBytes(_subscription) }],
            },
            GroupScene.From(version),
            now);

        private Task<SyncGroupResponse> Sync(Group group, TimeSpan now)
        {
            var leads = _joined!.Leader == MemberId && !_joined.SkipAssignment;
            return group.Sync(
                new SyncGroupRequest
                {
                    MemberId = MemberId,
                    GroupInstanceId = instance,
                    GenerationId = Generation,
                    Assignments = leads
                        ? [.. _joined.Members.Select(m => new SyncGroupRequest.SyncGroupRequestAssignment { MemberId = m.MemberId, Assignment = Encoding.UTF8.GetBytes($"{Generation}:{m.MemberId}") })]
                        : [],
                },
                version: 3,
                now);
        }
    }
}
