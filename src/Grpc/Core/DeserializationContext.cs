using System.Buffers;

namespace Grpc.Core;

/// <summary>One received message, for a marshaller to read.</summary>
public abstract class DeserializationContext
{
    /// <summary>The message's size in bytes, after decompression.</summary>
    public abstract int PayloadLength { get; }

    /// <summary>The message as a new array, which the caller may keep.</summary>
    public virtual byte[] PayloadAsNewBuffer() => throw NotHere();

    /// <summary>The message in place. It is gone once the marshaller returns.</summary>
    public virtual ReadOnlySequence<byte> PayloadAsReadOnlySequence() => throw NotHere();

    private NotSupportedException NotHere() => new($"{GetType()} does not give messages this way.");
}
