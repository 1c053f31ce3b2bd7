namespace Streams;

/// <summary>One store of one local task, or a global store.</summary>
/// <param name="Name">The store's name.</param>
/// <param name="Partition">The task's partition; −1 of a global store, which holds all of its topic.</param>
/// <param name="Task">The task; −1_−1 of a global store, as in Kafka Streams.</param>
/// <param name="Entries">How many entries it holds, without what waits in the record cache; null where it cannot say.</param>
/// <param name="Lag">Changelog records still to be read before it is whole; 0 where it is.</param>
public sealed record StoreDescription(string Name, int Partition, TaskId Task, long? Entries, long Lag);
