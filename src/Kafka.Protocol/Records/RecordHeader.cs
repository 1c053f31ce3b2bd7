namespace Kafka.Protocol;

/// <summary>A header to write with a record.</summary>
/// <param name="Key">Its name; several headers may share one.</param>
/// <param name="Value">Its bytes, or null.</param>
public readonly record struct RecordHeader(string Key, byte[]? Value);
