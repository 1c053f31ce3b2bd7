using Kafka;

namespace Streams.Runtime;

/// <summary>Everything that one thread's tasks produce: outputs, repartitions, changelogs. Full means wait: a slow Kafka slows its inputs.</summary>
internal sealed class RecordCollector(ILogProducer producer, CancellationToken stop)
{
    public ILogProducer Producer { get; } = producer;

    /// <summary>Records sent since the last flush.</summary>
    public long Sent { get; private set; }

    public void Send(scoped in OutgoingRecord record)
    {
        while (!Producer.TryAppend(in record))
            Producer.WaitForRoomAsync(stop).AsTask().GetAwaiter().GetResult();
        Sent++;
    }

    /// <summary>Waits until Kafka holds everything that was sent.</summary>
    public void Flush()
    {
        if (Sent == 0)
            return;

        Producer.FlushAsync(stop).GetAwaiter().GetResult();
        Sent = 0;
    }
}
