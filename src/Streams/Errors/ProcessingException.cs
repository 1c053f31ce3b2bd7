namespace Streams;

/// <summary>Code of a topology's own (a lambda, a processor, a store) failed on a record, and the handler said to stop.</summary>
public sealed class ProcessingException : StreamsException
{
    internal ProcessingException(string node, TaskId task, RecordMetadata? record, Exception inner)
        : base($"Node '{node}' of task {task} failed {On(record)}: {inner.Message}", inner)
    {
        Node = node;
        Task = task;
        Record = record;
    }

    /// <summary>The node in which it happened.</summary>
    public string Node { get; }

    /// <summary>The task.</summary>
    public TaskId Task { get; }

    /// <summary>The record that was being processed; null while punctuating.</summary>
    public RecordMetadata? Record { get; }

    private static string On(RecordMetadata? record) =>
        record is { } r ? $"on the record at offset {r.Offset} of {r.Topic}-{r.Partition}" : "in a punctuation";
}
