namespace Streams;

/// <summary>How a foreign-key join is named, and where its records go.</summary>
public sealed record TableJoined<TKey, TForeignKey>
{
    /// <summary>Names the join's nodes, its store and its two topics (<c>application-NAME-subscription-registration-topic</c> and so on); null for generated names.</summary>
    public string? Name { get; init; }

    /// <summary>
    /// Chooses the partition of an answer by the left table's key: give it where the left topic is not partitioned by Kafka's default. Null sends it back
    /// to the partition that asked.
    /// </summary>
    public Func<string, TKey, int, int>? Partitioner { get; init; }

    /// <summary>Chooses the partition of a question by the foreign key: give it where the right topic is not partitioned by Kafka's default.</summary>
    public Func<string, TForeignKey, int, int>? OtherPartitioner { get; init; }

    /// <summary>The same, with a name.</summary>
    public TableJoined<TKey, TForeignKey> WithName(string name) => this with { Name = name };

    /// <summary>The same, with partitions chosen by the left table's key: gets topic, key and number of partitions.</summary>
    public TableJoined<TKey, TForeignKey> WithPartitioner(Func<string, TKey, int, int> partitioner) => this with { Partitioner = partitioner };

    /// <summary>The same, with partitions chosen by the foreign key: gets topic, foreign key and number of partitions.</summary>
    public TableJoined<TKey, TForeignKey> WithOtherPartitioner(Func<string, TForeignKey, int, int> partitioner) =>
        this with { OtherPartitioner = partitioner };
}

/// <summary>How a foreign-key join is named, and where its records go.</summary>
public static class TableJoined
{
    /// <summary>With a name.</summary>
    public static TableJoined<TKey, TForeignKey> As<TKey, TForeignKey>(string name) => new() { Name = name };

    /// <summary>With partitioners for the left table's topic and the right table's.</summary>
    public static TableJoined<TKey, TForeignKey> With<TKey, TForeignKey>(
        Func<string, TKey, int, int>? partitioner, Func<string, TForeignKey, int, int>? otherPartitioner) =>
        new() { Partitioner = partitioner, OtherPartitioner = otherPartitioner };
}
