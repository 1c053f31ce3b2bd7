namespace Grpc.Core;

/// <summary>How one message, or every message of a stream, is written.</summary>
public class WriteOptions
{
    /// <summary>No flags: each message is sent at once, and compressed where the call is.</summary>
    public static readonly WriteOptions Default = new();

    /// <summary>Options with these flags.</summary>
    public WriteOptions(WriteFlags flags = 0) => Flags = flags;

    /// <summary>The flags.</summary>
    public WriteFlags Flags { get; }
}
