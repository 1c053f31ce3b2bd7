using System.Buffers;

namespace Grpc.Core;

/// <summary>Where a marshaller puts one message's bytes.</summary>
/// <remarks>
/// Either <see cref="Complete(byte[])"/> with the whole message, or <see cref="SetPayloadLength"/> (optional),
/// <see cref="GetBufferWriter"/>, then <see cref="Complete()"/>.
/// </remarks>
public abstract class SerializationContext
{
    /// <summary>Gives the whole message at once. The array must not change afterwards.</summary>
    public virtual void Complete(byte[] payload) => throw NotHere();

    /// <summary>Where to write the message.</summary>
    public virtual IBufferWriter<byte> GetBufferWriter() => throw NotHere();

    /// <summary>Says how long the message will be, before writing it. This saves a buffer and a copy.</summary>
    public virtual void SetPayloadLength(int payloadLength)
    {
    }

    /// <summary>The message is written.</summary>
    public virtual void Complete() => throw NotHere();

    private NotSupportedException NotHere() => new($"{GetType()} does not take messages this way.");
}
