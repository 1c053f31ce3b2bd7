namespace Kafka;

/// <summary>A record's header: a name and bytes. Names may repeat; order is kept.</summary>
/// <param name="Key">The header's name.</param>
/// <param name="Value">Its bytes; null is a value of its own in Kafka and is kept.</param>
public readonly record struct RecordHeader(string Key, byte[]? Value);
