namespace NodeAgent.Queue;

/// <summary>The disk did not take an entry; the queue is as before, and writing again may work.</summary>
internal sealed class QueueWriteException(string path, IOException cause)
    : IOException($"The queue cannot be written at '{path}': {cause.Message}", cause);
