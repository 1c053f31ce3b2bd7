namespace Streams;

/// <summary>Chooses the partition of a record to be produced.</summary>
/// <param name="topic">The topic.</param>
/// <param name="record">The record.</param>
/// <param name="partitions">How many partitions the topic has.</param>
/// <returns>The partition; null leaves the choice to the producer: murmur2 of the key.</returns>
public delegate int? StreamPartitioner<TKey, TValue>(string topic, in Record<TKey, TValue> record, int partitions);
