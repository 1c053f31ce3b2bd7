namespace Broker.Log;

/// <summary>What became of a batch.</summary>
internal enum AppendStatus
{
    /// <summary>It is in the log.</summary>
    Appended,

    /// <summary>It was in the log already: its producer sent it again.</summary>
    Duplicate,

    /// <summary>A batch in front of it is missing; its producer has to send that first.</summary>
    OutOfOrderSequence,

    /// <summary>Its producer was replaced by a newer instance.</summary>
    StaleProducerEpoch,

    /// <summary>The disk refused it, now or earlier.</summary>
    StorageFailed,

    /// <summary>The partition was deleted.</summary>
    Closed,
}

/// <summary>What became of a batch, and when that may be told.</summary>
/// <param name="Status">What became of it.</param>
/// <param name="BaseOffset">The offset of its first record; of a duplicate, the one it got the first time. −1 if it was refused.</param>
/// <param name="LastOffset">The offset of its last record.</param>
/// <param name="Durable">Done when the batch is as safe as the flush policy promises. Ask <see cref="PartitionLog.IsDurable"/> after.</param>
internal readonly record struct AppendResult(AppendStatus Status, long BaseOffset, long LastOffset, Task Durable)
{
    public static AppendResult Refused(AppendStatus status) => new(status, -1, -1, Task.CompletedTask);
}
