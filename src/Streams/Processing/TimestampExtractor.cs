namespace Streams;

/// <summary>Tells a record's time from its content.</summary>
/// <param name="record">The record, with the timestamp that Kafka holds.</param>
/// <param name="partitionTime">The greatest timestamp before it in its partition; −1 for the first.</param>
/// <returns>Milliseconds since 1970-01-01 UTC; negative skips the record.</returns>
public delegate long TimestampExtractor<TKey, TValue>(in Record<TKey, TValue> record, long partitionTime);
