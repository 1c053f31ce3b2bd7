namespace Streams;

/// <summary>A record whose bytes, or whose timestamp, could not be read.</summary>
/// <param name="Node">The source node.</param>
/// <param name="Task">The task.</param>
/// <param name="Record">Where the record lies.</param>
/// <param name="Error">Why it could not be read.</param>
public sealed record DeserializationError(string Node, TaskId Task, RecordMetadata Record, Exception Error);

/// <summary>What to do with a record that cannot be read.</summary>
public enum ErrorResponse
{
    /// <summary>Stop with the error.</summary>
    Fail,

    /// <summary>Skip the record, count it as dropped and say so in the log.</summary>
    Continue,

    /// <summary>Send the record as it is to <see cref="StreamConfig.DeadLetterTopic"/>, with headers that say where it lay and why it failed; then go on.</summary>
    DeadLetter,
}

/// <summary>A record could not be read, and the handler said to stop.</summary>
public sealed class DeserializationException : StreamsException
{
    internal DeserializationException(DeserializationError error)
        : base(
            $"Source '{error.Node}' of task {error.Task} cannot read the record at offset {error.Record.Offset} of " +
            $"{error.Record.Topic}-{error.Record.Partition}: {error.Error.Message} " +
            "Mend the serde, or set StreamConfig.DeserializationErrors to skip such records or to send them to a dead-letter topic.",
            error.Error)
    {
        Details = error;
    }

    /// <summary>Where and why, for code.</summary>
    public DeserializationError Details { get; }
}
