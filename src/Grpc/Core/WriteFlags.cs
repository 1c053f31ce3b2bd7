namespace Grpc.Core;

/// <summary>Flags of <see cref="WriteOptions"/>.</summary>
[Flags]
public enum WriteFlags
{
    /// <summary>The message may wait in a buffer until a later one is written without this flag.</summary>
    BufferHint = 1,

    /// <summary>The message is not compressed, whatever the call does.</summary>
    NoCompress = 2,
}
