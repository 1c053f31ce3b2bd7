using System.Buffers;
using Grpc.Core;
using Grpc.Wire;

namespace Grpc.Net.Client.Calls;

/// <summary>Writes messages into rented arrays, so that each leaves in one write.</summary>
internal sealed class ArrayMessage(int? maxBytes) : OutgoingMessage(maxBytes)
{
    // A message is written in one go, so a thread needs one writer for all that come alone.
    [ThreadStatic]
    private static ArrayMessage? _idle;

    private byte[]? _rented;
    private int _frameBytes;

    /// <summary>The message written last, prefix and payload, until it is released.</summary>
    public ReadOnlyMemory<byte> Frame => _rented.AsMemory(0, _frameBytes);

    /// <summary>Writes a message that comes alone. The array is the caller's to give back to the shared pool.</summary>
    /// <inheritdoc cref="OutgoingMessage.Write"/>
    public static (byte[] Rented, int FrameBytes) WriteOne<T>(T message, Marshaller<T> marshaller, MessageCompressor? compressor, int? maxBytes)
    {
        var writer = _idle ?? new(maxBytes);
        _idle = null;
        writer.MaxBytes = maxBytes;
        writer.Write(message, marshaller, compressor);
        var written = (writer._rented!, writer._frameBytes);
        (writer._rented, writer._frameBytes) = (null, 0);
        _idle = writer;
        return written;
    }

    public void Release()
    {
        if (_rented is null)
            return;
        ArrayPool<byte>.Shared.Return(_rented);
        (_rented, _frameBytes) = (null, 0);
    }

    protected override Memory<byte> Reserve(int frameBytes)
    {
        Release();
        _rented = ArrayPool<byte>.Shared.Rent(frameBytes);
        return _rented;
    }

    protected override void Commit(int frameBytes) => _frameBytes = frameBytes;
}
