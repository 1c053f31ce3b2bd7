namespace Streams.TestKit;

/// <summary>A record to pipe into a test topic, whose time may be left to the topic.</summary>
/// <param name="Key">The key; null for none.</param>
/// <param name="Value">The value; null for a tombstone.</param>
/// <param name="RecordTime">The record's time; null for the topic's own.</param>
/// <param name="Headers">The headers; null for none.</param>
/// <remarks>What is read from an output topic is a <see cref="Record{TKey, TValue}"/>: there, every record has a time.</remarks>
public sealed record TestRecord<TKey, TValue>(TKey Key, TValue Value, DateTimeOffset? RecordTime = null, Headers? Headers = null)
{
    // Where keys are of a value type, a default is a key like any other.
    internal bool HasKey { get; init; } = true;
}
