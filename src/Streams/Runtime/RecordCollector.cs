using Kafka;

namespace Streams.Runtime;

/// <summary>Everything that one thread's tasks produce: outputs, repartitions, changelogs. Full means wait: a slow Kafka slows its inputs.</summary>
internal sealed class RecordCollector(ILogProducer producer, TimeProvider time, CancellationToken stop)
{
    public ILogProducer Producer { get; } = producer;

    /// <summary>Whether the thread is being cut off: what is cancelled now is no failure of user code.</summary>
    public bool IsStopping => stop.IsCancellationRequested;

    /// <summary>Records sent since the last flush.</summary>
    public long Sent { get; private set; }

    public void Send(scoped in OutgoingRecord record)
    {
        while (!Producer.TryAppend(in record))
            Producer.WaitForRoomAsync(stop).AsTask().GetAwaiter().GetResult();
        Sent++;
    }

    /// <summary>Waits between two tries at a record. Ends early where the thread is cut off.</summary>
    public void Wait(TimeSpan delay) => Task.Delay(delay, time, stop).GetAwaiter().GetResult();

    /// <summary>Waits until Kafka holds everything that was sent.</summary>
    public void Flush()
    {
        if (Sent == 0)
            return;

        Producer.FlushAsync(stop).GetAwaiter().GetResult();
        Sent = 0;
    }
}
