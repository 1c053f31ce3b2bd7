namespace Broker.Log;

/// <summary>A record's place in the log and in time.</summary>
/// <param name="Offset">Its offset.</param>
/// <param name="Timestamp">Its timestamp in milliseconds since 1970.</param>
internal readonly record struct RecordPoint(long Offset, long Timestamp);
