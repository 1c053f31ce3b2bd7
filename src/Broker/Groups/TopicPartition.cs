namespace Broker.Groups;

/// <summary>What an offset is committed for.</summary>
internal readonly record struct TopicPartition(string Topic, int Partition);
