namespace Streams;

/// <summary>A value and the time of the record that last changed it.</summary>
/// <param name="Value">The value.</param>
/// <param name="Timestamp">Milliseconds since 1970-01-01 UTC.</param>
public readonly record struct ValueAndTimestamp<TValue>(TValue Value, long Timestamp);
