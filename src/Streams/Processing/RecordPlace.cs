namespace Streams.Processing;

/// <summary>What a task's context says of the record that is being processed: for nodes that go on with a record later, in between others.</summary>
/// <param name="Topic">Where it was read from; null while punctuating.</param>
/// <param name="Partition">Its partition.</param>
/// <param name="Offset">Its offset.</param>
/// <param name="Timestamp">Its time in the node that runs now.</param>
/// <param name="Headers">Its headers in the node that runs now; null for none.</param>
/// <param name="Source">The input record as it was read; null where nobody asked to keep it.</param>
internal readonly record struct RecordPlace(string? Topic, int Partition, long Offset, long Timestamp, Headers? Headers, DeadLetter? Source);
