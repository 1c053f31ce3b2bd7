namespace Streams;

/// <summary>A record could not be read, and the handler said to stop.</summary>
public sealed class DeserializationException : StreamsException
{
    internal DeserializationException(DeserializationError error)
        : base(
            $"Source '{error.Node}' of task {error.Task} cannot {What(error.Origin)} of the record " +
            $"at offset {error.Record!.Value.Offset} of {error.Record.Value.Topic}-{error.Record.Value.Partition}: {error.Error.Message} " +
            "Mend the serde or the extractor, or set StreamConfig.DeserializationErrors to skip such records or to send them to a dead-letter topic.",
            error.Error)
    {
        Details = error;
    }

    /// <summary>Where and why, for code.</summary>
    public DeserializationError Details { get; }

    private static string What(DeserializationOrigin origin) => origin switch
    {
        DeserializationOrigin.Key => "read the key",
        DeserializationOrigin.Value => "read the value",
        _ => "tell the time",
    };
}
