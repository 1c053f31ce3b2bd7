using System.Text;
using Gateway.Forwarding;
using Gateway.Writing;
using Grpc.Core;
using Streams.Contracts.V1;

namespace Gateway.Ingest;

/// <summary>The way in: what node agents call.</summary>
internal sealed class IngestService(
    GatewayOptions options, KafkaWriter writer, Forwarder forwarder, KafkaReadiness readiness, OpenStreams streams, StreamEnd end, GatewayMetrics metrics, TimeProvider time)
    : Streams.Contracts.V1.Ingest.IngestBase
{
    // Kafka keys and metric labels are made of it; a host name has at most 253 characters.
    private const int NodeIdBytesMax = 255;

    /// <inheritdoc/>
    public override async Task ShipLogs(
        IAsyncStreamReader<ShipLogsRequest> requestStream, IServerStreamWriter<ShipLogsResponse> responseStream, ServerCallContext context)
    {
        using var place = streams.Enter("ShipLogs");
        await readiness.WaitUntilReadyAsync(context.CancellationToken).ConfigureAwait(false);
        if (!await requestStream.MoveNext(context.CancellationToken).ConfigureAwait(false)
            || requestStream.Current.MessageCase != ShipLogsRequest.MessageOneofCase.Hello)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, "The first message of a log stream must be a hello."));
        }

        var hello = requestStream.Current.Hello;
        CheckNodeId(hello.NodeId);
        await responseStream.WriteAsync(new ShipLogsResponse { Welcome = Welcome() }).ConfigureAwait(false);

        using var stream = new LogStream(hello, writer.Session, forwarder, requestStream, responseStream, options, metrics, time);
        await end.RunAsync(hello.NodeId, stream.Session, stream.Acks, stream.ReadAsync, context.CancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override async Task ReportHeartbeats(
        IAsyncStreamReader<Heartbeat> requestStream, IServerStreamWriter<HeartbeatAck> responseStream, ServerCallContext context)
    {
        using var place = streams.Enter("ReportHeartbeats");
        await readiness.WaitUntilReadyAsync(context.CancellationToken).ConfigureAwait(false);
        if (!await requestStream.MoveNext(context.CancellationToken).ConfigureAwait(false))
            return;

        var first = requestStream.Current;
        CheckNodeId(first.NodeId);
        using var stream = new HeartbeatStream(first, writer.Session, forwarder, requestStream, responseStream, options, metrics, time);
        await end.RunAsync(first.NodeId, stream.Session, stream.Acks, stream.ReadAsync, context.CancellationToken).ConfigureAwait(false);
    }

    private Welcome Welcome() => new()
    {
        MaxBatchRecords = (uint)options.Limits.BatchRecordsMax,
        MaxRecordBytes = (uint)options.Limits.RecordBytesMax,
        MaxUnacknowledgedBatches = (uint)options.Limits.UnacknowledgedBatchesMax,
    };

    private static void CheckNodeId(string nodeId)
    {
        if (nodeId.Length == 0)
            throw new RpcException(new Status(StatusCode.InvalidArgument, "node_id is empty; a node must say who it is."));
        if (Encoding.UTF8.GetByteCount(nodeId) > NodeIdBytesMax)
            throw new RpcException(new Status(StatusCode.InvalidArgument, $"node_id has more than {NodeIdBytesMax} bytes."));
    }
}
