namespace Kafka.OnConfluent;

/// <summary>How far a producer's acknowledged records reach in one partition. Moved by the library's thread, read by any.</summary>
internal sealed class PartitionEnd
{
    private const long None = -1;

    private long _next = None;

    /// <summary>The offset after the last record acknowledged; null before the first.</summary>
    public long? Next => Volatile.Read(ref _next) is var next and not None ? next : null;

    /// <summary>Kafka acknowledged the record at <paramref name="offset"/>.</summary>
    public void Acknowledge(long offset)
    {
        // Acknowledgements come in order, on one thread. One for a record that Kafka had already has no offset.
        if (offset >= _next)
            Volatile.Write(ref _next, offset + 1);
    }
}
