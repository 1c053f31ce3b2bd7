using System.Buffers;
using Grpc.Wire;

namespace Grpc.Net.Client.Calls;

/// <summary>Writes messages into rented arrays, so that each leaves in one write.</summary>
internal sealed class ArrayMessage(int? maxBytes) : OutgoingMessage(maxBytes)
{
    private byte[]? _rented;
    private int _frameBytes;

    /// <summary>The message written last, prefix and payload, until it is released.</summary>
    public ReadOnlyMemory<byte> Frame => _rented.AsMemory(0, _frameBytes);

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
