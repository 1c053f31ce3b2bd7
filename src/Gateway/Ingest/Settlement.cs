using Gateway.Forwarding;
using Grpc.Core;
using Kafka;

namespace Gateway.Ingest;

/// <summary>Waits for everyone who must have a batch before its sender hears that we have it: Kafka, and Fluentd where it is required.</summary>
/// <param name="timeout">How long that may take.</param>
/// <param name="time">The clock.</param>
internal sealed class Settlement(TimeSpan timeout, TimeProvider time)
{
    // Kafka's REQUEST_TIMED_OUT.
    private const int RequestTimedOut = 7;

    /// <summary>Waits for a batch. To be called once for each.</summary>
    /// <exception cref="KafkaException">Kafka refused a record, or did not answer in time.</exception>
    /// <exception cref="RpcException">UNAVAILABLE: Fluentd did not answer in time.</exception>
    public async Task WaitAsync(Delivery delivery, ForwardReceipt? receipt, CancellationToken cancellation)
    {
        using var late = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, late.Token);
        var isInKafka = false;
        try
        {
            var failures = await delivery.SealAndWaitAsync(either.Token).ConfigureAwait(false);
            if (failures.Count > 0)
                throw failures[0].Error;

            isInKafka = true;
            if (receipt is not null)
                await receipt.SealAndWaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw isInKafka
                ? new RpcException(new Status(StatusCode.Unavailable, $"Fluentd, which the gateway is set to require, did not acknowledge within {timeout}. Send again what is not acknowledged."))
                : new KafkaException(KafkaErrorKind.Retriable, RequestTimedOut, $"Kafka did not acknowledge within {timeout}.");
        }
    }
}
