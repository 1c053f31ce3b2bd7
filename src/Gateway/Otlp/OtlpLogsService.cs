using Gateway.Forwarding;
using Gateway.Ingest;
using Gateway.Writing;
using Grpc.Core;
using Kafka;
using OpenTelemetry.Proto.Collector.Logs.V1;

namespace Gateway.Otlp;

/// <summary>The way in for whatever speaks OpenTelemetry's protocol. At least once: its senders do not number their records.</summary>
/// <remarks>
/// A request is answered once Kafka holds its records. A record that can never be accepted is counted in <c>partial_success</c> and the
/// others are kept; where Kafka does not take them the answer is UNAVAILABLE, on which senders repeat the request. A request above
/// <see cref="IngestLimits.OtlpRequestBytesMax"/> never comes here: it is refused before it is read. Source: OTLP specification 1.x,
/// "OTLP/gRPC Request" and "OTLP/gRPC Response".
/// </remarks>
internal sealed class OtlpLogsService(
    GatewayOptions options,
    KafkaWriter writer,
    Forwarder forwarder,
    KafkaReadiness readiness,
    OpenStreams streams,
    StreamEnd end,
    GatewayMetrics metrics,
    OtlpMetrics refusals,
    TimeProvider time)
    : LogsService.LogsServiceBase
{
    private readonly Settlement _settlement = new(options.AcknowledgeTimeout, time);

    /// <inheritdoc/>
    public override async Task<ExportLogsServiceResponse> Export(ExportLogsServiceRequest request, ServerCallContext context)
    {
        using var place = Enter();
        await readiness.WaitUntilReadyAsync(context.CancellationToken).ConfigureAwait(false);

        var session = writer.Session;
        var export = new OtlpExport(options, session, forwarder, OtlpMapping.Address(context.Peer), time);
        try
        {
            foreach (var logs in request.ResourceLogs)
                await export.TakeAsync(logs, context.CancellationToken).ConfigureAwait(false);
            metrics.BatchReceived(export.Records);
            await SettleAsync(export, context.CancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is KafkaException or RpcException)
        {
            throw end.Explain(e, "(OTLP)", session);
        }

        metrics.BatchAcknowledged(export.Tally, time.GetElapsedTime(export.ReceivedAt));
        foreach (var (cause, records) in export.Causes)
            metrics.Rejected(cause, records);
        return export.Response();
    }

    private OpenStreams.Lease Enter()
    {
        try
        {
            // Not RESOURCE_EXHAUSTED, which senders take for "never": they would drop the request.
            return streams.Enter("Export", StatusCode.Unavailable);
        }
        catch (RpcException)
        {
            refusals.Refused(OtlpMetrics.Streams);
            throw;
        }
    }

    private async Task SettleAsync(OtlpExport export, CancellationToken cancellation)
    {
        var isSettled = false;
        try
        {
            await _settlement.WaitAsync(export.Delivery, export.Receipt, cancellation).ConfigureAwait(false);
            isSettled = true;
        }
        finally
        {
            if (isSettled)
                metrics.BatchLeft(export.Records);
            else
                metrics.BatchFailed(export.Records);
        }
    }
}
