namespace Streams;

/// <summary>An error handler itself failed, or answered what cannot be done.</summary>
public sealed class ErrorHandlerException : StreamsException
{
    internal ErrorHandlerException(string handler, RecordError error, string reason, Exception inner)
        : base($"StreamConfig.{handler} {reason}, asked about node '{error.Node}' of task {error.Task} {error.Place}. That error was: {error.Error.Message}", inner)
    {
        Details = error;
    }

    /// <summary>What the handler was asked about.</summary>
    public RecordError Details { get; }
}
