namespace Streams.Processing;

/// <summary>A task's inputs that have records waiting, the one whose head has the least time first.</summary>
/// <remarks>
/// A binary heap that moves its entries as Java's <c>PriorityQueue</c> does: which of two inputs comes first whose heads have equal times decides what a join
/// finds, so it must be the one that Kafka Streams takes.
/// </remarks>
internal sealed class QueueOrder
{
    private RecordQueue[] _heap = new RecordQueue[4];
    private int _count;

    /// <summary>The input to take from; null where nothing waits.</summary>
    public RecordQueue? First => _count > 0 ? _heap[0] : null;

    /// <summary>An input that was empty has a record.</summary>
    public void Add(RecordQueue queue)
    {
        if (_count == _heap.Length)
            Array.Resize(ref _heap, _count * 2);
        Rise(_count++, queue);
    }

    /// <summary>The first input's head was taken: it goes behind those with an earlier head, or equal to its next.</summary>
    public void HeadTaken()
    {
        var queue = _heap[0];
        var last = _heap[--_count];
        _heap[_count] = null!;
        if (_count > 0)
            Sink(last);
        if (queue.Count > 0)
            Add(queue);
    }

    public void Clear()
    {
        Array.Clear(_heap);
        _count = 0;
    }

    private void Rise(int at, RecordQueue queue)
    {
        while (at > 0)
        {
            var parent = (at - 1) / 2;
            if (queue.HeadTimestamp >= _heap[parent].HeadTimestamp)
                break;
            _heap[at] = _heap[parent];
            at = parent;
        }

        _heap[at] = queue;
    }

    private void Sink(RecordQueue queue)
    {
        var at = 0;
        while (at < _count / 2)
        {
            var child = (2 * at) + 1;
            if (child + 1 < _count && _heap[child].HeadTimestamp > _heap[child + 1].HeadTimestamp)
                child++;
            if (queue.HeadTimestamp <= _heap[child].HeadTimestamp)
                break;
            _heap[at] = _heap[child];
            at = child;
        }

        _heap[at] = queue;
    }
}
