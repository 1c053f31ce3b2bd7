namespace NodeAgent.Queue;

/// <summary>A run of queued records, encoded as <c>LogBatch.records</c> travels.</summary>
internal sealed class QueueBatch
{
    private readonly ByteBuffer _records = new(64 << 10);

    public ulong Epoch { get; private set; }

    public ulong FirstSequence { get; private set; }

    public int Count { get; private set; }

    public ulong NextSequence => FirstSequence + (ulong)Count;

    public ulong LastSequence => NextSequence - 1;

    public int Length => _records.Length;

    public ReadOnlySpan<byte> Records => _records.Span;

    public void Clear()
    {
        Count = 0;
        _records.Clear();
    }

    public void Add(ulong epoch, ulong sequence, ReadOnlySpan<byte> records, int count)
    {
        if (Count == 0)
            (Epoch, FirstSequence) = (epoch, sequence);
        Count += count;
        _records.Bytes(records);
    }
}
