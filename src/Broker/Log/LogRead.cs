using System.Buffers;

namespace Broker.Log;

/// <summary>Whole batches read from a log, in a pooled buffer that goes back with <see cref="Dispose"/>.</summary>
internal readonly struct LogRead : IDisposable
{
    private readonly byte[]? _rented;

    public static readonly LogRead Empty;

    public LogRead(byte[] rented, int start, int count)
    {
        _rented = rented;
        Batches = rented.AsMemory(start, count);
    }

    public ReadOnlyMemory<byte> Batches { get; }

    public bool IsEmpty => Batches.IsEmpty;

    public void Dispose()
    {
        if (_rented is not null)
            ArrayPool<byte>.Shared.Return(_rented);
    }
}
