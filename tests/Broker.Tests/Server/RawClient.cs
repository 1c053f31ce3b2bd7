using System.Buffers.Binary;
using System.Net.Sockets;
using Kafka.Protocol;
using Kafka.Protocol.Messages;
using TestKit;

namespace Broker.Tests.Server;

/// <summary>One connection that says exactly what a test wants said.</summary>
internal sealed class RawClient : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TcpClient _tcp;
    private int _correlation;

    private RawClient(TcpClient tcp) => _tcp = tcp;

    public static Task<RawClient> ConnectAsync(EmbeddedBroker broker) => ConnectAsync(broker.Port);

    public static async Task<RawClient> ConnectAsync(int port)
    {
        var tcp = new TcpClient { NoDelay = true };
        await tcp.ConnectAsync("127.0.0.1", port).WaitAsync(Patience);
        return new(tcp);
    }

    public async Task<TResponse> AskAsync<TRequest, TResponse>(IRequest<TRequest, TResponse> request, short version)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : IMessage<TResponse>
    {
        var correlation = await SendAsync((TRequest)request, version);
        return await ReceiveAsync<TResponse>(TRequest.Api, version, correlation);
    }

    public async Task<int> SendAsync<TRequest>(TRequest request, short version)
        where TRequest : IRequest<TRequest>
    {
        using var writer = new ProtocolWriter();
        var correlation = ++_correlation;
        Frame.WriteRequest(writer, request, version, correlation, "test");
        await SendBytesAsync(writer.ToArray());
        return correlation;
    }

    public async Task<TResponse> ReceiveAsync<TResponse>(ApiKey api, short version, int correlation)
        where TResponse : IMessage<TResponse>
    {
        var frame = await ReceiveFrameAsync() ?? throw new EndOfStreamException("The broker closed the connection.");
        var response = Frame.ReadResponse<TResponse>(frame, api, version, out var answered);
        Assert.Equal(correlation, answered);
        return response;
    }

    public Task SendBytesAsync(ReadOnlyMemory<byte> bytes) => _tcp.GetStream().WriteAsync(bytes).AsTask().WaitAsync(Patience);

    /// <summary>The next frame without its size; null where the broker has closed the connection.</summary>
    public async Task<byte[]?> ReceiveFrameAsync()
    {
        var size = new byte[4];
        if (!await TryReadAsync(size))
            return null;
        var frame = new byte[BinaryPrimitives.ReadInt32BigEndian(size)];
        return await TryReadAsync(frame) ? frame : null;
    }

    public async Task CreateTopicAsync(string name, int partitions = 1, params (string Name, string Value)[] configs)
    {
        var response = await AskAsync(
            new CreateTopicsRequest
            {
                Topics =
                [
                    new()
                    {
                        Name = name,
                        NumPartitions = partitions,
                        ReplicationFactor = -1,
                        Configs = [.. configs.Select(config => new CreateTopicsRequest.CreatableTopicConfig { Name = config.Name, Value = config.Value })],
                    },
                ],
            },
            7);
        Assert.Equal(ErrorCode.None, response.Topics[0].ErrorCode);
    }

    public async Task<ProduceResponse.PartitionProduceResponse> ProduceAsync(string topic, byte[] batch, short acks = -1, int partition = 0)
    {
        var response = await AskAsync(Produce(topic, batch, acks, partition), 9);
        return response.Responses[0].PartitionResponses[0];
    }

    public static ProduceRequest Produce(string topic, byte[] batch, short acks = -1, int partition = 0) => new()
    {
        Acks = acks,
        TimeoutMs = 30_000,
        TopicData = [new() { Name = topic, PartitionData = [new() { Index = partition, Records = batch }] }],
    };

    public static FetchRequest Fetch(string topic, long offset, int maxWaitMs = 0, int minBytes = 1, int partition = 0) => new()
    {
        MaxWaitMs = maxWaitMs,
        MinBytes = minBytes,
        MaxBytes = 50 << 20,
        Topics = [new() { Topic = topic, Partitions = [new() { Partition = partition, FetchOffset = offset, PartitionMaxBytes = 1 << 20 }] }],
    };

    public async Task<FetchResponse.PartitionData> FetchAsync(string topic, long offset, int maxWaitMs = 0) =>
        (await AskAsync(Fetch(topic, offset, maxWaitMs), 12)).Responses[0].Partitions[0];

    public async Task<ListOffsetsResponse.ListOffsetsPartitionResponse> OffsetAsync(string topic, long timestamp)
    {
        var response = await AskAsync(
            new ListOffsetsRequest { ReplicaId = -1, Topics = [new() { Name = topic, Partitions = [new() { Timestamp = timestamp }] }] }, 7);
        return response.Topics[0].Partitions[0];
    }

    public void Dispose() => _tcp.Dispose();

    private async Task<bool> TryReadAsync(byte[] bytes)
    {
        try
        {
            await _tcp.GetStream().ReadExactlyAsync(bytes).AsTask().WaitAsync(Patience);
            return true;
        }
        catch (Exception closed) when (closed is EndOfStreamException or IOException)
        {
            return false;
        }
    }
}
