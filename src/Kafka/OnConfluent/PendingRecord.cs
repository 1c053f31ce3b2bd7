using Rd = Confluent.Kafka;

namespace Kafka.OnConfluent;

/// <summary>A record that the library has and Kafka has not answered for. Pooled: its handler is made once.</summary>
internal sealed class PendingRecord
{
    public PendingRecord(InFlight owner) => Answered = report => owner.Complete(this, report.Error, report.Offset.Value);

    /// <summary>What the library calls with the outcome.</summary>
    public Action<Rd.DeliveryReport<byte[], byte[]>> Answered { get; }

    /// <summary>Whether the library has it. Guarded by the owner's lock, as all below.</summary>
    public bool Open { get; set; }

    public long Bytes { get; set; }

    public string Topic { get; set; } = "";

    public Delivery? Delivery { get; set; }

    /// <summary>Told of the record's offset; null for a record whose partition the library chooses.</summary>
    public PartitionEnd? End { get; set; }

    /// <summary>Where its topic's records are counted; null where nobody counts.</summary>
    public TopicTally? Tally { get; set; }

    /// <summary>When it was sent, where it is the one that is timed; else 0.</summary>
    public long TimedFrom { get; set; }

    public int Index { get; set; }

    public Flight? Flight { get; set; }
}

/// <summary>The records between two flushes: whole once all of them, and all flights before, are answered.</summary>
internal sealed class Flight(Task before)
{
    private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Records not answered. Guarded by the owner's lock.</summary>
    public int Open { get; set; }

    /// <summary>Whether no more records join it.</summary>
    public bool Sealed { get; set; }

    /// <summary>Completes when this flight and all before it are answered.</summary>
    public Task Whole => before.IsCompleted ? _answered.Task : Task.WhenAll(before, _answered.Task);

    /// <summary>Marks it as answered. Call outside the owner's lock.</summary>
    public void Land() => _answered.TrySetResult();
}
