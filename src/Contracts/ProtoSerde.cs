using System.Buffers;
using Google.Protobuf;

namespace Streams.Contracts;

/// <summary>Protobuf messages as the engine reads and writes them.</summary>
/// <typeparam name="T">A generated message.</typeparam>
public sealed class ProtoSerde<T> : ISerde<T>
    where T : IMessage<T>, new()
{
    private static readonly MessageParser<T> Parser = new(() => new T());

    private ProtoSerde()
    {
    }

    /// <summary>The one instance: it keeps nothing.</summary>
    public static ProtoSerde<T> Instance { get; } = new();

    /// <inheritdoc/>
    public void Serialize(T value, IBufferWriter<byte> to) => value.WriteTo(to);

    /// <inheritdoc/>
    public T Deserialize(ReadOnlySpan<byte> from)
    {
        try
        {
            return Parser.ParseFrom(from);
        }
        catch (InvalidProtocolBufferException error)
        {
            throw new FormatException($"These {from.Length} bytes are no {typeof(T).Name} message: {error.Message}", error);
        }
    }
}
