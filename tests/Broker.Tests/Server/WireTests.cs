using System.Buffers.Binary;
using Kafka.Protocol;
using Kafka.Protocol.Messages;
using TestKit;

namespace Broker.Tests.Server;

public sealed class WireTests : IAsyncLifetime
{
    private EmbeddedBroker _broker = null!;

    public async Task InitializeAsync() => _broker = await EmbeddedBroker.StartAsync(options => options.ConnectionsMax = 20);

    public async Task DisposeAsync() => await _broker.DisposeAsync();

    [Theory]
    [InlineData(5)]
    [InlineData(99)]
    public async Task A_newer_client_is_told_the_versions_in_a_form_it_can_read(short version)
    {
        using var client = await RawClient.ConnectAsync(_broker);
        await client.SendBytesAsync(Header(ApiKey.ApiVersions, version, correlation: 7));

        var frame = await client.ReceiveFrameAsync();

        var response = Frame.ReadResponse<ApiVersionsResponse>(frame, ApiKey.ApiVersions, 0, out var correlation);
        Assert.Equal((ErrorCode.UnsupportedVersion, 7), (response.ErrorCode, correlation));
        Assert.Contains(response.ApiKeys, api => api is { ApiKey: (short)ApiKey.Produce, MinVersion: 0, MaxVersion: 9 });
        Assert.Equal(ErrorCode.None, (await client.AskAsync(Introduction, 3)).ErrorCode);
    }

    [Fact]
    public async Task Every_offered_version_of_every_offset_and_topic_question_has_an_answer()
    {
        using var client = await RawClient.ConnectAsync(_broker);
        await client.CreateTopicAsync("t", 2);
        await client.ProduceAsync("t", Batches.Of("a"));
        var offered = (await client.AskAsync(Introduction, 3)).ApiKeys.ToDictionary(api => (ApiKey)api.ApiKey, api => (api.MinVersion, api.MaxVersion));

        await Each(new MetadataRequest { Topics = [new() { Name = "t" }, new() { Name = "missing" }] });
        await Each(RawClient.Fetch("t", 0));
        await Each(new ListOffsetsRequest { ReplicaId = -1, Topics = [new() { Name = "t", Partitions = [new() { Timestamp = -1 }, new() { PartitionIndex = 9 }] }] });
        await Each(new FindCoordinatorRequest { Key = "g" }, request => (request.Key, request.CoordinatorKeys) = ("", ["g"]), 4);
        await Each(new InitProducerIdRequest { TransactionalId = null, TransactionTimeoutMs = 1 });
        await Each(new DescribeConfigsRequest { Resources = [new() { ResourceType = 2, ResourceName = "t", ConfigurationKeys = null }, new() { ResourceType = 4, ResourceName = "1", ConfigurationKeys = null }, new() { ResourceType = 9 }] });
        await Each(new AlterConfigsRequest { Resources = [new() { ResourceType = 2, ResourceName = "missing" }] });
        await Each(new IncrementalAlterConfigsRequest { Resources = [new() { ResourceType = 2, ResourceName = "missing" }] });
        await Each(new DeleteRecordsRequest { Topics = [new() { Name = "t", Partitions = [new() { Offset = 1 }, new() { PartitionIndex = 7 }] }] });
        await Each(new CreatePartitionsRequest { Topics = [new() { Name = "t", Count = 1, Assignments = null }] });
        await Each(new CreateTopicsRequest { Topics = [new() { Name = "t", NumPartitions = 1, ReplicationFactor = 1 }, new() { Name = "t2", NumPartitions = 1, ReplicationFactor = 1 }] });
        await Each(new DescribeClusterRequest());
        await Each(new OffsetForLeaderEpochRequest { Topics = [new() { Topic = "t", Partitions = [new() { LeaderEpoch = 0 }] }] }, request => request.ReplicaId = -1, 3);
        await Each(new DeleteTopicsRequest { TopicNames = ["missing"] }, request => (request.TopicNames, request.Topics) = ([], [new() { Name = "missing" }]), 6);
        for (short version = 3; version <= 9; version++)
        {
            var produced = await client.AskAsync(RawClient.Produce("t", Batches.Of("b")), version);
            Assert.Equal(ErrorCode.None, produced.Responses[0].PartitionResponses[0].ErrorCode);
        }

        async Task Each<TRequest, TResponse>(IRequest<TRequest, TResponse> request, Action<TRequest>? change = null, short from = short.MaxValue)
            where TRequest : IRequest<TRequest, TResponse>
            where TResponse : IMessage<TResponse>
        {
            var (min, max) = offered[TRequest.Api];
            for (var version = min; version <= max; version++)
            {
                if (version >= from)
                    change?.Invoke((TRequest)request);
                await client.AskAsync(request, version);
            }
        }
    }

    [Theory]
    [InlineData(ApiKey.Fetch, 17)]
    [InlineData(ApiKey.Produce, 2)]
    [InlineData((ApiKey)999, 0)]
    public async Task What_is_not_offered_ends_the_connection(ApiKey api, short version)
    {
        using var client = await RawClient.ConnectAsync(_broker);

        await client.SendBytesAsync(Header(api, version, correlation: 1));

        Assert.Null(await client.ReceiveFrameAsync());
    }

    [Fact]
    public async Task Nonsense_on_one_connection_is_its_own_end_and_nobody_elses()
    {
        using var good = await RawClient.ConnectAsync(_broker);
        await good.CreateTopicAsync("t");
        var random = new Random(20260101);
        var cases = new List<byte[]> { new byte[] { 0x7F, 0xFF, 0xFF, 0xFF }, new byte[] { 0xFF, 0xFF, 0xFF, 0xFF }, new byte[4], "GET / HTTP/1.1\r\n\r\n"u8.ToArray() };
        for (var i = 0; i < 100; i++)
        {
            // A true size and an API that exists, and then noise: it gets as far into the reading as noise can.
            var noise = new byte[random.Next(1, 300)];
            random.NextBytes(noise);
            var api = (ApiKey)random.Next(0, 61);
            cases.Add([.. Sized([.. Header(api, (short)random.Next(0, 10), correlation: i)[4..], .. noise])]);
        }

        foreach (var bytes in cases)
        {
            using var bad = await RawClient.ConnectAsync(_broker);
            await bad.SendBytesAsync(bytes);
            Assert.Equal(ErrorCode.None, (await good.ProduceAsync("t", Batches.Of("a"))).ErrorCode);
        }

        Assert.Equal(cases.Count, (await good.OffsetAsync("t", -1)).Offset);
    }

    [Fact]
    public async Task A_request_that_stops_half_way_harms_nobody()
    {
        using var good = await RawClient.ConnectAsync(_broker);
        await good.CreateTopicAsync("t");
        using (var leaver = await RawClient.ConnectAsync(_broker))
            await leaver.SendBytesAsync(Sized(new byte[50_000]).AsMemory(0, 20_000));

        using var lingerer = await RawClient.ConnectAsync(_broker);
        await lingerer.SendBytesAsync(Sized(new byte[50_000]).AsMemory(0, 20_000));

        Assert.Equal(ErrorCode.None, (await good.ProduceAsync("t", Batches.Of("a"))).ErrorCode);
    }

    [Fact]
    public async Task Connections_above_the_limit_are_refused_and_those_below_served()
    {
        var clients = new List<RawClient>();
        for (var i = 0; i < 20; i++)
        {
            clients.Add(await RawClient.ConnectAsync(_broker));
            await clients[^1].AskAsync(Introduction, 3);
        }

        using var tooMany = await RawClient.ConnectAsync(_broker);

        Assert.Null(await tooMany.ReceiveFrameAsync());
        Assert.Equal(ErrorCode.None, (await clients[0].AskAsync(Introduction, 3)).ErrorCode);
        clients.ForEach(client => client.Dispose());
    }

    private static ApiVersionsRequest Introduction => new() { ClientSoftwareName = "test", ClientSoftwareVersion = "1.0" };

    private static byte[] Header(ApiKey api, short version, int correlation)
    {
        var header = new byte[11];
        BinaryPrimitives.WriteInt16BigEndian(header, (short)api);
        BinaryPrimitives.WriteInt16BigEndian(header.AsSpan(2), version);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), correlation);
        BinaryPrimitives.WriteInt16BigEndian(header.AsSpan(8), -1);
        return Sized(header);
    }

    private static byte[] Sized(byte[] frame)
    {
        var size = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(size, frame.Length);
        return [.. size, .. frame];
    }
}
