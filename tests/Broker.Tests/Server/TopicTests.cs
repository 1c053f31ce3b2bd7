using Kafka.Protocol;
using Kafka.Protocol.Messages;
using TestKit;

namespace Broker.Tests.Server;

public sealed class TopicTests : IAsyncLifetime
{
    private EmbeddedBroker _broker = null!;
    private RawClient _client = null!;

    public async Task InitializeAsync()
    {
        _broker = await EmbeddedBroker.StartAsync(options => options.PartitionsMax = 20);
        _client = await RawClient.ConnectAsync(_broker);
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _broker.DisposeAsync();
    }

    [Theory]
    [InlineData("", 1, 1, ErrorCode.InvalidTopic)]
    [InlineData("a/b", 1, 1, ErrorCode.InvalidTopic)]
    [InlineData("..", 1, 1, ErrorCode.InvalidTopic)]
    [InlineData("old_one", 1, 1, ErrorCode.InvalidTopic)]
    [InlineData("old.one", 1, 1, ErrorCode.TopicAlreadyExists)]
    [InlineData("new", 0, 1, ErrorCode.InvalidPartitions)]
    [InlineData("new", 1, 3, ErrorCode.InvalidReplicationFactor)]
    [InlineData("new", 100, 1, ErrorCode.PolicyViolation)]
    public async Task A_topic_that_cannot_be_is_refused_with_a_reason(string name, int partitions, short replicas, ErrorCode expected)
    {
        await _client.CreateTopicAsync("old.one");

        var response = await _client.AskAsync(
            new CreateTopicsRequest { Topics = [new() { Name = name, NumPartitions = partitions, ReplicationFactor = replicas }] }, 7);

        Assert.Equal(expected, response.Topics[0].ErrorCode);
        Assert.False(string.IsNullOrEmpty(response.Topics[0].ErrorMessage));
    }

    [Fact]
    public async Task Topics_with_their_ids_settings_and_partitions_outlive_a_crash()
    {
        await _client.CreateTopicAsync("kept", 3, ("retention.ms", "60000"), ("cleanup.policy", "compact"));
        await _client.CreateTopicAsync("gone");
        await _client.AskAsync(new CreatePartitionsRequest { Topics = [new() { Name = "kept", Count = 5, Assignments = null }] }, 3);
        await _client.AskAsync(new DeleteTopicsRequest { Topics = [new() { Name = "gone" }] }, 6);
        await _client.AskAsync(
            new IncrementalAlterConfigsRequest
            {
                Resources =
                [
                    new()
                    {
                        ResourceType = 2,
                        ResourceName = "kept",
                        Configs = [new() { Name = "retention.ms", ConfigOperation = 1 }, new() { Name = "cleanup.policy", ConfigOperation = 2, Value = "delete" }],
                    },
                ],
            },
            1);
        var before = await MetadataAsync();

        await _broker.KillAsync();
        await _broker.StartAgainAsync();
        _client.Dispose();
        _client = await RawClient.ConnectAsync(_broker);

        var after = await MetadataAsync();
        Assert.Equal(before.ClusterId, after.ClusterId);
        var topic = Assert.Single(after.Topics);
        Assert.Equal(("kept", 5), (topic.Name, topic.Partitions.Count));
        Assert.Equal("compact,delete", await SettingAsync("kept", "cleanup.policy"));
        Assert.Equal("604800000", await SettingAsync("kept", "retention.ms"));
    }

    [Fact]
    public async Task A_topic_made_again_is_empty()
    {
        await _client.CreateTopicAsync("t");
        await _client.ProduceAsync("t", Batches.Of("a"));

        await _client.AskAsync(new DeleteTopicsRequest { Topics = [new() { Name = "t" }] }, 6);
        await _client.CreateTopicAsync("t");

        Assert.Equal(0, (await _client.OffsetAsync("t", -1)).Offset);
        Assert.Equal(0, (await _client.ProduceAsync("t", Batches.Of("b"))).BaseOffset);
    }

    [Fact]
    public async Task An_unknown_topic_is_made_on_request_only_where_that_is_allowed()
    {
        var refused = await MetadataAsync(allowCreation: false, "wanted");
        var made = await MetadataAsync(allowCreation: true, "wanted");

        Assert.Equal(ErrorCode.UnknownTopicOrPartition, refused.Topics[0].ErrorCode);
        Assert.Equal((ErrorCode.None, 1), (made.Topics[0].ErrorCode, made.Topics[0].Partitions.Count));
        Assert.Equal(made.ControllerId, made.Brokers[0].NodeId);
    }

    [Theory]
    [InlineData("retention.ms", "soon", ErrorCode.InvalidConfig)]
    [InlineData("cleanup.policy", "shred", ErrorCode.InvalidConfig)]
    [InlineData("no.such.setting", "1", ErrorCode.InvalidConfig)]
    [InlineData("retention.ms", "-1", ErrorCode.None)]
    public async Task Settings_are_checked_before_they_count(string name, string value, ErrorCode expected)
    {
        await _client.CreateTopicAsync("t");

        var response = await _client.AskAsync(
            new AlterConfigsRequest { Resources = [new() { ResourceType = 2, ResourceName = "t", Configs = [new() { Name = name, Value = value }] }] }, 2);

        Assert.Equal(expected, response.Responses[0].ErrorCode);
    }

    private Task<MetadataResponse> MetadataAsync(bool allowCreation = false, params string[] topics) => _client.AskAsync(
        new MetadataRequest
        {
            Topics = topics.Length == 0 ? null : [.. topics.Select(topic => new MetadataRequest.MetadataRequestTopic { Name = topic })],
            AllowAutoTopicCreation = allowCreation,
        },
        9);

    private async Task<string?> SettingAsync(string topic, string name)
    {
        var response = await _client.AskAsync(
            new DescribeConfigsRequest { Resources = [new() { ResourceType = 2, ResourceName = topic, ConfigurationKeys = [name] }] }, 4);
        return Assert.Single(response.Results[0].Configs).Value;
    }
}
