namespace Kafka;

/// <summary>Topics and groups.</summary>
public interface ILogAdmin : IDisposable
{
    /// <summary>Creates topics; one that exists already is left as it is.</summary>
    /// <exception cref="KafkaException">A topic could not be created; the message names it and says why.</exception>
    Task CreateTopicsAsync(IReadOnlyCollection<TopicSpecification> topics, CancellationToken cancellation);

    /// <summary>Deletes topics; one that does not exist is left alone.</summary>
    Task DeleteTopicsAsync(IReadOnlyCollection<string> topics, CancellationToken cancellation);

    /// <summary>How many partitions <paramref name="topic"/> has; null where it does not exist.</summary>
    Task<int?> PartitionCountAsync(string topic, CancellationToken cancellation);

    /// <summary>Every topic's name and its number of partitions, the broker's internal ones included.</summary>
    Task<IReadOnlyDictionary<string, int>> ListTopicsAsync(CancellationToken cancellation);
}

/// <summary>A topic to create.</summary>
/// <param name="Name">1 to 249 characters of letters, digits, '.', '_' and '-'.</param>
/// <param name="Partitions">How many partitions.</param>
public sealed record TopicSpecification(string Name, int Partitions)
{
    /// <summary>Copies of each partition; −1 for the cluster's default.</summary>
    public short ReplicationFactor { get; init; } = -1;

    /// <summary>Kafka's topic settings by their own names, such as <c>cleanup.policy</c>.</summary>
    public IReadOnlyDictionary<string, string> Configs { get; init; } = new Dictionary<string, string>();
}
