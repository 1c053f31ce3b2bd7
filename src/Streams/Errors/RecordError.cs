namespace Streams;

/// <summary>A record that could not be read, processed or written: what an error handler is told.</summary>
/// <remarks>Kafka Streams' <c>ErrorHandlerContext</c> (KIP-1033) with the error and the try beside it.</remarks>
public abstract class RecordError
{
    private protected RecordError(string node, TaskId task, RecordMetadata? record, long timestamp, Headers headers, int attempt, Exception error)
    {
        (Node, Task, Record, Timestamp, Headers, Attempt, Error) = (node, task, record, timestamp, headers, attempt, error);
    }

    /// <summary>The node of the topology.</summary>
    public string Node { get; }

    /// <summary>The task.</summary>
    public TaskId Task { get; }

    /// <summary>The input record: topic, partition, offset. Null where a punctuation or a cache's flush is the cause, and no one input record.</summary>
    public RecordMetadata? Record { get; }

    /// <summary>The record's time in the node, in milliseconds since 1970-01-01 UTC; a punctuation's time where there is no record.</summary>
    public long Timestamp { get; }

    /// <summary>The record's headers in the node.</summary>
    public Headers Headers { get; }

    /// <summary>The number of this try at the record in this node: 1 for the first.</summary>
    public int Attempt { get; }

    /// <summary>Why it failed.</summary>
    public Exception Error { get; }

    internal string Place => Record is { } r ? $"on the record at offset {r.Offset} of {r.Topic}-{r.Partition}" : "outside of any input record (in a punctuation or a cache's flush)";
}

/// <summary>A record whose key, value or timestamp could not be read.</summary>
public sealed class DeserializationError : RecordError
{
    internal DeserializationError(
        string node, TaskId task, RecordMetadata record, long timestamp, Headers headers, int attempt, Exception error, DeserializationOrigin origin)
        : base(node, task, record, timestamp, headers, attempt, error) => Origin = origin;

    /// <summary>What of the record could not be read.</summary>
    public DeserializationOrigin Origin { get; }
}

/// <summary>What of a record could not be read.</summary>
public enum DeserializationOrigin
{
    /// <summary>The key.</summary>
    Key,

    /// <summary>The value.</summary>
    Value,

    /// <summary>The time: the timestamp extractor failed, as the default one does where there is no valid timestamp.</summary>
    Timestamp,
}

/// <summary>A record on which code of a topology's own failed: a lambda, a processor, a punctuation.</summary>
public sealed class ProcessingError : RecordError
{
    internal ProcessingError(
        string node, TaskId task, RecordMetadata? record, long timestamp, Headers headers, int attempt, Exception error, object? key, object? value)
        : base(node, task, record, timestamp, headers, attempt, error) => (Key, Value) = (key, value);

    /// <summary>The record's key in the node; null for none, and in a punctuation.</summary>
    public object? Key { get; }

    /// <summary>The record's value in the node; null for none, and in a punctuation. The new value where the node takes a table's changes.</summary>
    public object? Value { get; }
}

/// <summary>A record that could not be written to its topic.</summary>
public sealed class ProductionError : RecordError
{
    internal ProductionError(
        string node,
        TaskId task,
        RecordMetadata? record,
        long timestamp,
        Headers headers,
        int attempt,
        Exception error,
        string topic,
        ProductionOrigin origin,
        object? key,
        object? value)
        : base(node, task, record, timestamp, headers, attempt, error) => (Topic, Origin, Key, Value) = (topic, origin, key, value);

    /// <summary>The topic that the record was to be written to; <see cref="RecordError.Record"/> says where it came from.</summary>
    public string Topic { get; }

    /// <summary>What failed.</summary>
    public ProductionOrigin Origin { get; }

    /// <summary>The record's key; null for none. Its bytes where a broker refused it.</summary>
    public object? Key { get; }

    /// <summary>The record's value; null for none. Its bytes where a broker refused it.</summary>
    public object? Value { get; }
}

/// <summary>What failed when a record was to be written.</summary>
public enum ProductionOrigin
{
    /// <summary>The key's serde.</summary>
    Key,

    /// <summary>The value's serde.</summary>
    Value,

    /// <summary>The producer or a broker: it refused the record for good (too large, unknown topic, not allowed).</summary>
    Broker,
}
