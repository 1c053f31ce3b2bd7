using System.Buffers;
using Grpc.Core;

namespace Grpc.Wire;

/// <summary>Shows a marshaller one received message where it lies. Used for one message after the other.</summary>
internal sealed class ReceivedMessage : DeserializationContext
{
    // A message is read in one go, so a thread needs one of these for all that come alone.
    [ThreadStatic]
    private static ReceivedMessage? _idle;

    private ReadOnlySequence<byte> _payload;

    public override int PayloadLength => (int)_payload.Length;

    public override byte[] PayloadAsNewBuffer() => _payload.ToArray();

    public override ReadOnlySequence<byte> PayloadAsReadOnlySequence() => _payload;

    /// <summary>Reads a message that comes alone, compressed where there is a compressor.</summary>
    /// <exception cref="RpcException">RESOURCE_EXHAUSTED: it is larger than the limit. INTERNAL: it cannot be read.</exception>
    public static T ReadOne<T>(in ReadOnlySequence<byte> payload, Marshaller<T> marshaller, MessageCompressor? compressor, int? maxBytes)
        where T : class
    {
        // A marshaller may read another message meanwhile, so it is taken away from there.
        var reader = _idle ?? new();
        _idle = null;
        var message = compressor is null ? reader.Read(payload, marshaller) : reader.Read(payload, marshaller, compressor, maxBytes);
        _idle = reader;
        return message;
    }

    /// <summary>Reads a message that came compressed.</summary>
    /// <exception cref="RpcException">RESOURCE_EXHAUSTED: it is larger than the limit. INTERNAL: it cannot be read.</exception>
    public T Read<T>(in ReadOnlySequence<byte> payload, Marshaller<T> marshaller, MessageCompressor compressor, int? maxBytes)
        where T : class
    {
        var (rented, length) = compressor.Decompress(payload, maxBytes);
        try
        {
            return Read(new ReadOnlySequence<byte>(rented, 0, length), marshaller);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>Reads a message.</summary>
    /// <exception cref="RpcException">INTERNAL: the marshaller cannot read it.</exception>
    public T Read<T>(in ReadOnlySequence<byte> payload, Marshaller<T> marshaller)
        where T : class
    {
        _payload = payload;
        try
        {
            return marshaller.ContextualDeserializer(this)
                ?? throw new RpcException(new Status(StatusCode.Internal, $"The marshaller of {typeof(T).Name} gave no message."));
        }
        catch (Exception exception) when (exception is not RpcException)
        {
            throw new RpcException(new Status(StatusCode.Internal, $"Received bytes are no {typeof(T).Name}.", exception));
        }
        finally
        {
            _payload = default;
        }
    }
}
