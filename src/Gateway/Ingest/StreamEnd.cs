using Gateway.Writing;
using Grpc.Core;
using Kafka;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gateway.Ingest;

/// <summary>Runs a stream's two halves, reading and acknowledging, to their common end, and says how it was.</summary>
internal sealed partial class StreamEnd(
    KafkaWriter writer,
    KafkaReadiness readiness,
    GatewayOptions options,
    GatewayMetrics metrics,
    IHostApplicationLifetime host,
    TimeProvider time,
    ILogger<StreamEnd> logger)
{
    /// <summary>
    /// Reads until the sender is done, something is wrong, or the gateway stops; then waits for what is in flight to be acknowledged.
    /// </summary>
    /// <exception cref="RpcException">How the stream ended, where that is not well.</exception>
    public async Task RunAsync<T>(
        string nodeId, WriterSession session, AckQueue<T> queue, Func<CancellationToken, Task> read, CancellationToken call)
    {
        // Whichever half fails ends the other. Stopping ends the reading at once and the acknowledging after a while.
        var stopping = host.ApplicationStopping;
        using var broken = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        using var onCall = call.Register(broken.Cancel);
        using var onStop = stopping.Register(() => broken.CancelAfter(options.DrainTimeout));
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(broken.Token, stopping);

        var acknowledging = AcknowledgeAsync(queue, broken);
        var readFault = await FaultOf(read(reading.Token)).ConfigureAwait(false);
        queue.Complete();
        var ackFault = await FaultOf(acknowledging).ConfigureAwait(false);

        var fault = Decide(readFault, ackFault, call.IsCancellationRequested, stopping.IsCancellationRequested);
        if (fault is not null)
            throw Explain(fault, nodeId, session);
    }

    /// <summary>Which of two faults, if any, is how the stream ended.</summary>
    internal static Exception? Decide(Exception? read, Exception? acknowledge, bool left, bool stopping) => (read, acknowledge) switch
    {
        // Kafka's failure is why the reading was broken off, not the other way round.
        (_, KafkaException kafka) => kafka,
        (not null and not OperationCanceledException, _) => read,
        (_, not null and not OperationCanceledException) => acknowledge,
        _ when left => new OperationCanceledException("The sender is gone."),
        _ when stopping => new RpcException(new Status(StatusCode.Unavailable, "The gateway is stopping; go on with another one.")),
        _ => read ?? acknowledge,
    };

    private static async Task AcknowledgeAsync<T>(AckQueue<T> queue, CancellationTokenSource broken)
    {
        try
        {
            await queue.RunAsync(broken.Token).ConfigureAwait(false);
        }
        catch
        {
            await broken.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }

    // Nothing is swallowed: Decide picks, and what it picks is thrown.
    private static async Task<Exception?> FaultOf(Task half)
    {
        try
        {
            await half.ConfigureAwait(false);
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }

    /// <summary>What the sender is told of a fault. Where it is Kafka's, the next sender finds out first whether Kafka answers.</summary>
    public Exception Explain(Exception fault, string nodeId, WriterSession session)
    {
        if (fault is KafkaException kafka)
        {
            if (kafka.Kind is KafkaErrorKind.Fatal or KafkaErrorKind.Fenced)
                writer.Retire(session);
            readiness.ReportTrouble();
            fault = new RpcException(new Status(StatusCode.Unavailable, $"Kafka does not take the records. {kafka.Message} Send again what is not acknowledged.", kafka));
        }

        if (fault is RpcException rpc)
        {
            metrics.StreamEnded(rpc.StatusCode.ToString());
            StreamEnded(nodeId, rpc.StatusCode, rpc.Status.Detail);
        }

        return fault;
    }

    [LoggerMessage(1, LogLevel.Warning, "The stream of node {Node} was ended with {Status}: {Reason}")]
    private partial void StreamEnded(string node, StatusCode status, string reason);
}
