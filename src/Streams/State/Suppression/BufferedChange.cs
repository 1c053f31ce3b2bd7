using Streams.Processing;

namespace Streams.State;

/// <summary>A key's latest change, waiting in a suppression's buffer since the first one came.</summary>
internal sealed class BufferedChange<TKey, TValue>(TKey key, byte[] keyBytes, long time)
{
    public static IComparer<BufferedChange<TKey, TValue>> ByTimeThenKey { get; } = Comparer<BufferedChange<TKey, TValue>>.Create(
        (x, y) => x.Time.CompareTo(y.Time) is var order and not 0 ? order : x.KeyBytes.AsSpan().SequenceCompareTo(y.KeyBytes));

    public TKey Key { get; } = key;

    public byte[] KeyBytes { get; } = keyBytes;

    /// <summary>What the buffer is ordered by. Later changes of the key do not move it.</summary>
    public long Time { get; } = time;

    /// <summary>What those downstream know of the key: its value before the first of the changes that wait.</summary>
    public TValue? Prior { get; set; }

    public bool HasPrior { get; set; }

    public Change<TValue> Change { get; set; }

    /// <summary>Where the change came from, and when.</summary>
    public RecordContext Context { get; set; }

    /// <summary>Bytes as Kafka Streams counts them; zero where nobody counts.</summary>
    public long Size { get; set; }

    /// <summary>Whether the changelog does not know of it yet.</summary>
    public bool IsDirty { get; set; }

    /// <summary>Set while restoring: it left the buffer, and still lies in the queue.</summary>
    public bool IsGone { get; set; }
}
