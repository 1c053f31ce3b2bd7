using Streams.RocksDb.Native;

namespace Streams.RocksDb.Database;

/// <summary>A value where RocksDB keeps it. While it is held the database does not close, so it is for one look.</summary>
internal readonly ref struct RocksValue
{
    private readonly CloseGate _gate;
    private readonly nint _slice;

    internal RocksValue(CloseGate gate, nint slice)
    {
        _gate = gate;
        _slice = slice;
    }

    public bool IsFound => _slice != 0;

    /// <summary>The value; empty where there is none.</summary>
    public unsafe ReadOnlySpan<byte> Bytes
    {
        get
        {
            if (_slice == 0)
                return default;

            nuint length;
            var start = DatabaseCalls.PinnedValue(_slice, &length);
            return new ReadOnlySpan<byte>(start, checked((int)length));
        }
    }

    public void Dispose()
    {
        if (_slice != 0)
            DatabaseCalls.DestroyPinned(_slice);
        _gate.Leave();
    }
}
