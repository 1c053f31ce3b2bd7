using System.Text;
using Gateway.Forwarding;
using Gateway.Writing;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Kafka;
using Streams.Contracts.V1;

namespace Gateway.Ingest;

/// <summary>One node's stream of heartbeats. Its first heartbeat says whose it is.</summary>
internal sealed class HeartbeatStream : IDisposable
{
    private readonly Heartbeat _first;
    private readonly GatewayOptions _options;
    private readonly Forwarder _forwarder;
    private readonly TimeProvider _time;
    private readonly IAsyncStreamReader<Heartbeat> _requests;
    private readonly byte[] _key;
    private readonly List<SizedMessage> _taken = new(1);

    public HeartbeatStream(
        Heartbeat first,
        WriterSession session,
        Forwarder forwarder,
        IAsyncStreamReader<Heartbeat> requests,
        IServerStreamWriter<HeartbeatAck> responses,
        GatewayOptions options,
        GatewayMetrics metrics,
        TimeProvider time)
    {
        (_first, Session, _forwarder, _requests, _options, _time) = (first, session, forwarder, requests, options, time);
        _key = Encoding.UTF8.GetBytes(first.NodeId);
        Acks = new AckQueue<ulong>(options.Limits.UnacknowledgedBatchesMax, new Settlement(options.AcknowledgeTimeout, time), time, async (sequence, _) =>
        {
            await responses.WriteAsync(new HeartbeatAck { Sequence = sequence }).ConfigureAwait(false);
            metrics.HeartbeatAcknowledged();
        });
    }

    /// <summary>The producer that all of this stream's records go through.</summary>
    public WriterSession Session { get; }

    /// <summary>What is sent to Kafka and not acknowledged, by sequence.</summary>
    public AckQueue<ulong> Acks { get; }

    /// <summary>Hands the first heartbeat and those after it to Kafka, until the node is done.</summary>
    /// <exception cref="RpcException">The node broke the stream's rules.</exception>
    /// <exception cref="KafkaException">Kafka takes no more records.</exception>
    public async Task ReadAsync(CancellationToken cancellation)
    {
        var heartbeat = _first;
        do
        {
            await TakeAsync(heartbeat, cancellation).ConfigureAwait(false);
            if (!await _requests.MoveNext(cancellation).ConfigureAwait(false))
                return;
            heartbeat = _requests.Current;
        }
        while (true);
    }

    /// <inheritdoc/>
    public void Dispose() => Acks.Dispose();

    private async Task TakeAsync(Heartbeat heartbeat, CancellationToken cancellation)
    {
        if (heartbeat.NodeId != _first.NodeId)
            throw new RpcException(new Status(StatusCode.InvalidArgument, $"A heartbeat of node '{heartbeat.NodeId}' came on the stream of '{_first.NodeId}'; a node may only speak for itself."));

        await Acks.TakePlaceAsync(cancellation).ConfigureAwait(false);
        var now = _time.GetUtcNow();
        heartbeat.Observed = Timestamp.FromDateTimeOffset(now);
        var bytes = heartbeat.CalculateSize();
        if (bytes > _options.Limits.RecordBytesMax)
            throw new RpcException(new Status(StatusCode.InvalidArgument, $"The heartbeat has {bytes} bytes; the limit is {_options.Limits.RecordBytesMax}."));

        var receivedAt = _time.GetTimestamp();
        var delivery = new Delivery();
        _taken.Clear();
        _taken.Add(new SizedMessage(heartbeat, bytes));
        await Session.AppendAsync(_options.Topics.Heartbeats, _key, _taken, now.ToUnixTimeMilliseconds(), delivery, cancellation).ConfigureAwait(false);
        var receipt = _forwarder.NewReceipt();
        await _forwarder.ForwardAsync(_taken, receipt, cancellation).ConfigureAwait(false);
        Acks.Add(heartbeat.Position?.Sequence ?? 0, delivery, receipt, receivedAt);
    }
}
