using NodeAgent.Queue;

namespace NodeAgent.Ship;

/// <summary>The batches of one stream that were sent and are not acknowledged; as many as the gateway allows.</summary>
internal sealed class Unacknowledged
{
    private readonly Queue<ulong> _lastSequences = new();
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
                return _lastSequences.Count;
        }
    }

    /// <summary>Adds a batch; called before it is written, since its acknowledgement may be faster than the write's return.</summary>
    public void Add(QueueBatch batch)
    {
        lock (_lock)
        {
            if (_sent == 0)
                _acked = batch.FirstSequence - 1;
            _lastSequences.Enqueue(batch.LastSequence);
            _sent = batch.LastSequence;
        }
    }

    /// <summary>Takes note of an acknowledgement. Returns the records it newly covers; null where it names records that were never sent.</summary>
    public long? Acknowledge(ulong through)
    {
        lock (_lock)
        {
            if (through > _sent)
                return null;
            if (through <= _acked)
                return 0;
            while (_lastSequences.TryPeek(out var last) && last <= through)
                _lastSequences.Dequeue();
            var records = (long)(through - _acked);
            _acked = through;
            Freed.Set();
            return records;
        }
    }
}
