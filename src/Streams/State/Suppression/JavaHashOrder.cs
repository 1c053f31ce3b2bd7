namespace Streams.State;

/// <summary>
/// Keys in the order in which Java's hash set of them would be walked. Kafka Streams writes a buffer's changelog in that order; so do we, that
/// the topics can be compared record by record.
/// </summary>
internal sealed class JavaHashOrder
{
    private const int CapacityMin = 16;

    // As in Java, the table grows with the largest set there was and never shrinks.
    private int _capacity = CapacityMin;

    /// <summary>Sorts keys that are listed in the order in which they were added.</summary>
    public void Sort<T>(List<T> added, Func<T, byte[]> key)
    {
        while (added.Count > _capacity / 4 * 3)
            _capacity *= 2;

        // A bucket keeps the order in which its keys came, so the sort must be stable.
        var buckets = new (int Bucket, int Index)[added.Count];
        for (var i = 0; i < buckets.Length; i++)
            buckets[i] = (Bucket(key(added[i])), i);
        Array.Sort(buckets);
        var sorted = new T[added.Count];
        for (var i = 0; i < sorted.Length; i++)
            sorted[i] = added[buckets[i].Index];
        added.Clear();
        added.AddRange(sorted);
    }

    private int Bucket(ReadOnlySpan<byte> key)
    {
        var hash = 1;
        foreach (var b in key)
            hash = unchecked((31 * hash) + (sbyte)b);
        return (hash ^ (int)((uint)hash >> 16)) & (_capacity - 1);
    }
}
