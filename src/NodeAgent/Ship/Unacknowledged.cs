using NodeAgent.Queue;

namespace NodeAgent.Ship;

/// <summary>The batches of one stream that were sent and are not acknowledged; as many as the gateway allows.</summary>
internal sealed class Unacknowledged(TimeProvider time)
{
    private readonly Queue<(ulong Last, long SentAt)> _batches = new();
    private readonly Lock _lock = new();
    private ulong _sent;
    private ulong _acked;

    /// <summary>Set when batches were acknowledged.</summary>
    public Signal Freed { get; } = new();

    public int Count
    {
        get
        {
            lock (_lock)
                return _batches.Count;
        }
    }

    /// <summary>Adds a batch; called before it is written, since its acknowledgement may be faster than the write's return.</summary>
    public void Add(QueueBatch batch)
    {
        lock (_lock)
        {
            if (_sent == 0)
                _acked = batch.FirstSequence - 1;
            _batches.Enqueue((batch.LastSequence, time.GetTimestamp()));
            _sent = batch.LastSequence;
        }
    }

    /// <summary>Takes note of an acknowledgement. Returns the records it newly covers; null where it names records that were never sent.</summary>
    /// <param name="through">The last record it covers.</param>
    /// <param name="took">How long the first of the batches that it covers whole was under way; null where it covers none.</param>
    public long? Acknowledge(ulong through, out TimeSpan? took)
    {
        took = null;
        lock (_lock)
        {
            if (through > _sent)
                return null;
            if (through <= _acked)
                return 0;
            while (_batches.TryPeek(out var batch) && batch.Last <= through)
            {
                took ??= time.GetElapsedTime(batch.SentAt);
                _batches.Dequeue();
            }

            var records = (long)(through - _acked);
            _acked = through;
            Freed.Set();
            return records;
        }
    }
}
