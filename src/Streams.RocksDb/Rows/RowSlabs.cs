namespace Streams.RocksDb.Rows;

/// <summary>Room for the bytes of many rows, in a few large arrays that are used again and again instead of one array for each row.</summary>
internal sealed class RowSlabs
{
    private const int SlabBytes = 64 << 10;

    private readonly List<byte[]> _slabs = [];
    private int _current = -1;
    private int _used;

    /// <summary>Takes room that nothing else uses until <see cref="Clear"/>. What it holds is not cleared.</summary>
    public RowBytes Take(int length)
    {
        // A large row gets an array of its own, which is not kept.
        if (length > SlabBytes / 4)
            return new(new byte[length], 0, length);

        if (_current < 0 || _used + length > SlabBytes)
        {
            if (++_current == _slabs.Count)
                _slabs.Add(GC.AllocateUninitializedArray<byte>(SlabBytes));
            _used = 0;
        }

        var bytes = new RowBytes(_slabs[_current], _used, length);
        _used += length;
        return bytes;
    }

    /// <summary>All room is free again.</summary>
    public void Clear()
    {
        _current = -1;
    }
}

/// <summary>A piece of a slab.</summary>
internal readonly struct RowBytes(byte[] slab, int start, int length)
{
    public int Length => length;

    public Span<byte> First(int count) => slab.AsSpan(start, count);
}
