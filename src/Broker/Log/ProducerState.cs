namespace Broker.Log;

/// <summary>What one partition remembers of one idempotent producer.</summary>
internal sealed class ProducerState(long producerId, short epoch)
{
    private RecentBatches _recent;
    private int _count;
    private int _next;

    public long ProducerId { get; } = producerId;

    public short Epoch { get; private set; } = epoch;

    /// <summary>The broker's time of the last append, in milliseconds since 1970.</summary>
    public long LastAppendAt { get; private set; }

    public int BatchCount => _count;

    /// <summary>The last sequence number appended in this epoch; −1 before the first.</summary>
    public int LastSequence => _count == 0 ? -1 : this[_count - 1].LastSequence;

    /// <summary>Remembered batches, oldest first.</summary>
    public ProducerBatch this[int age] => _recent[(_next - _count + age + RecentBatches.Capacity) % RecentBatches.Capacity];

    public bool TryFind(int firstSequence, int lastSequence, out ProducerBatch batch)
    {
        for (var i = 0; i < _count; i++)
        {
            batch = this[i];
            if (batch.FirstSequence == firstSequence && batch.LastSequence == lastSequence)
                return true;
        }

        batch = default;
        return false;
    }

    /// <summary>Remembers an appended batch; one of a newer epoch makes the older ones forgotten.</summary>
    public void Add(short epoch, ProducerBatch batch, long now)
    {
        if (epoch != Epoch)
        {
            Epoch = epoch;
            _count = 0;
        }

        _recent[_next] = batch;
        _next = (_next + 1) % RecentBatches.Capacity;
        _count = Math.Min(_count + 1, RecentBatches.Capacity);
        LastAppendAt = now;
    }
}
