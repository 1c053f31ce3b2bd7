namespace Streams;

/// <summary>Where a record came from and what travels with it.</summary>
/// <param name="Topic">The topic it was read from; null where a punctuation made it.</param>
/// <param name="Partition">The partition; −1 where a punctuation made it.</param>
/// <param name="Offset">The offset; −1 where a punctuation made it.</param>
/// <param name="Timestamp">Milliseconds since 1970-01-01 UTC.</param>
/// <param name="Headers">The record's headers.</param>
public readonly record struct RecordContext(string? Topic, int Partition, long Offset, long Timestamp, Headers Headers);
