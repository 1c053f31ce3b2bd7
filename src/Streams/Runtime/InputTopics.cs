namespace Streams.Runtime;

/// <summary>What the tasks of an application read, as far as it exists.</summary>
/// <param name="Topics">The topics to subscribe to, repartition topics included.</param>
/// <param name="PartitionCounts">How many partitions each of these has, and each topic of a global store.</param>
/// <param name="Matched">Of the topics, those that a source's pattern matched.</param>
internal sealed record InputTopics(
    IReadOnlyCollection<string> Topics, IReadOnlyDictionary<string, int> PartitionCounts, IReadOnlyCollection<string> Matched)
{
    /// <summary>Whether a task of partition <paramref name="partition"/> has an input in <paramref name="topic"/>.</summary>
    public bool Has(string topic, int partition) => partition < PartitionCounts.GetValueOrDefault(topic);
}

/// <summary>The input topics as they are now: patterns may match more later. Written by one, read by every thread.</summary>
internal sealed class KnownInputs(InputTopics first)
{
    private InputTopics _current = first;

    public InputTopics Current
    {
        get => Volatile.Read(ref _current);
        set => Volatile.Write(ref _current, value);
    }
}
