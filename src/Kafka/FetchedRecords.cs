namespace Kafka;

/// <summary>What one poll brought: runs of records, each of one partition and in offset order. A lease: dispose it before the next poll.</summary>
public abstract class FetchedRecords : IDisposable
{
    /// <summary>How many records there are in all.</summary>
    public abstract int Count { get; }

    /// <summary>How many runs there are.</summary>
    public abstract int RunCount { get; }

    /// <summary>The partition of run <paramref name="run"/>.</summary>
    public abstract TopicPartition Partition(int run);

    /// <summary>How many records run <paramref name="run"/> holds.</summary>
    public abstract int RunLength(int run);

    /// <summary>Record <paramref name="index"/> of run <paramref name="run"/>. Its spans live as long as the lease.</summary>
    public abstract RecordView Record(int run, int index);

    /// <summary>Gives the records' memory back.</summary>
    public abstract void Dispose();
}

/// <summary>A record where it lies in the fetched batch: nothing is copied until <see cref="Key"/> or <see cref="Value"/> is.</summary>
public readonly ref struct RecordView
{
    /// <summary>The record's offset in its partition.</summary>
    public required long Offset { get; init; }

    /// <summary>Milliseconds since 1970-01-01 UTC.</summary>
    public required long TimestampMs { get; init; }

    /// <summary>The key's bytes; empty where <see cref="HasKey"/> is false.</summary>
    public ReadOnlySpan<byte> Key { get; init; }

    /// <summary>Whether there is a key.</summary>
    public bool HasKey { get; init; }

    /// <summary>The value's bytes; empty where <see cref="HasValue"/> is false.</summary>
    public ReadOnlySpan<byte> Value { get; init; }

    /// <summary>Whether there is a value. A record without one is a tombstone.</summary>
    public bool HasValue { get; init; }

    /// <summary>The record's headers, in order; empty for none.</summary>
    public ReadOnlySpan<RecordHeader> Headers { get; init; }
}
