using System.Buffers;

namespace Grpc.Wire;

/// <summary>What was written and may not leave yet, in a rented array that is given back whenever it is empty.</summary>
internal sealed class GatheredBytes : IBufferWriter<byte>
{
    private const int FirstBufferBytes = 4 * 1024;

    private byte[]? _rented;
    private int _length;

    public int Length => _length;

    public ReadOnlyMemory<byte> Written => _rented.AsMemory(0, _length);

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, (_rented?.Length ?? 0) - _length);
        _length += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        MakeRoom(Math.Max(sizeHint, 1));
        return _rented.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <summary>Forgets what was written.</summary>
    public void Release()
    {
        if (_rented is not null)
            ArrayPool<byte>.Shared.Return(_rented);
        (_rented, _length) = (null, 0);
    }

    private void MakeRoom(int bytes)
    {
        var needed = checked(_length + bytes);
        if (needed <= (_rented?.Length ?? 0))
            return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, Math.Max(FirstBufferBytes, (int)Math.Min(2L * _length, Array.MaxLength))));
        _rented.AsSpan(0, _length).CopyTo(larger);
        if (_rented is not null)
            ArrayPool<byte>.Shared.Return(_rented);
        _rented = larger;
    }
}
