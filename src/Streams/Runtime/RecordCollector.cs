using Kafka;
using Streams.Processing;

namespace Streams.Runtime;

/// <summary>Everything that one thread's tasks produce: outputs, repartitions, changelogs. Full means wait: a slow Kafka slows its inputs.</summary>
/// <param name="producer">The thread's producer.</param>
/// <param name="sent">Where each record on its way came from; null where the producer answers at once, as a test driver's does.</param>
/// <param name="time">The clock by which a retry waits.</param>
/// <param name="stop">Cuts the thread off.</param>
internal sealed class RecordCollector(ILogProducer producer, SentRecords? sent, TimeProvider time, CancellationToken stop)
{
    public ILogProducer Producer { get; } = producer;

    /// <summary>Ends every wait when the thread is being cut off.</summary>
    public CancellationToken Stop => stop;

    /// <summary>Whether the thread is being cut off: what is cancelled now is no failure of user code.</summary>
    public bool IsStopping => stop.IsCancellationRequested;

    /// <summary>Records sent since the last flush.</summary>
    public long Sent { get; private set; }

    /// <summary>Sends a record that a node or a store made. One that can never be written goes to the production handler, now or by the next flush.</summary>
    /// <param name="record">The record.</param>
    /// <param name="context">The task, at the input record that it comes from.</param>
    /// <param name="node">The node, or the store.</param>
    /// <exception cref="ProductionException">It was refused, and the handler said to stop.</exception>
    public void Send(scoped in OutgoingRecord record, TaskContext context, string node)
    {
        if (sent is { IsFull: true })
            Settle(sent);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                Append(in record, sent?.Delivery);
                sent?.Add(in record, context, node);
                return;
            }
            catch (KafkaException error) when (error.Kind == KafkaErrorKind.Refused)
            {
                if (!context.Errors.OnUnwritable(context, SentRecord.Of(in record, context, node, keepBytes: true).Failed(error, attempt), context.Source))
                    return;
            }
        }
    }

    /// <summary>Sends a dead letter, for which no handler is asked: where it cannot be written the thread stops.</summary>
    public void SendDeadLetter(scoped in OutgoingRecord record) => Append(in record, null);

    /// <summary>Waits between two tries at a record. Ends early where the thread is cut off.</summary>
    public void Wait(TimeSpan delay) => Task.Delay(delay, time, stop).GetAwaiter().GetResult();

    /// <summary>Waits until Kafka holds everything that was sent.</summary>
    /// <exception cref="ProductionException">A record was refused, and the handler said to stop.</exception>
    public void Flush()
    {
        if (Sent == 0)
            return;

        do
        {
            Producer.FlushAsync(stop).GetAwaiter().GetResult();
        }
        while (sent is { IsEmpty: false } && Settle(sent));
        Producer.FlushAsync(stop).GetAwaiter().GetResult();
        Sent = 0;
    }

    private void Append(scoped in OutgoingRecord record, Delivery? delivery)
    {
        while (!Producer.TryAppend(in record, delivery))
            Producer.WaitForRoomAsync(stop).AsTask().GetAwaiter().GetResult();
        Sent++;
    }

    /// <summary>Hears how the records on their way fared.</summary>
    /// <returns>Whether any was sent again.</returns>
    private bool Settle(SentRecords records)
    {
        var again = false;
        foreach (var (record, error) in records.Take(stop))
            again |= TriesAgain(record, error);
        return again;
    }

    private bool TriesAgain(SentRecord record, KafkaException failure)
    {
        // A fenced or dead producer is no matter of one record.
        if (failure.Kind is not (KafkaErrorKind.Refused or KafkaErrorKind.Retriable))
            throw failure;

        for (var attempt = 1; record.Context.Errors.OnUnwritable(record.Context, record.Failed(failure, attempt), record.Source); attempt++)
        {
            var delivery = new Delivery();
            try
            {
                Append(record.Outgoing(), delivery);
                Producer.FlushAsync(stop).GetAwaiter().GetResult();
                if (delivery.SealAndWaitAsync(stop).GetAwaiter().GetResult() is not [var answer, ..])
                    return true;
                failure = answer.Error;
            }
            catch (KafkaException error) when (error.Kind == KafkaErrorKind.Refused)
            {
                failure = error;
            }
        }

        return false;
    }
}
