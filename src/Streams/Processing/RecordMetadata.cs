namespace Streams;

/// <summary>Where the record being processed was read from.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Partition">The partition.</param>
/// <param name="Offset">The record's offset in it.</param>
public readonly record struct RecordMetadata(string Topic, int Partition, long Offset);
