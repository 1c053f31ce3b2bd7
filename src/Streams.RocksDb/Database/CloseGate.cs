namespace Streams.RocksDb.Database;

/// <summary>Counts who is inside a database, so that closing it waits for them and turns everyone else away.</summary>
/// <remarks>RocksDB does not check: a call on a closed database ends the process.</remarks>
internal sealed class CloseGate(string path)
{
    private const int Closing = int.MinValue;

    private readonly object _waiting = new();

    // The sign bit says that closing has begun; the rest counts those inside.
    private int _state;

    public bool IsClosed => Volatile.Read(ref _state) < 0;

    /// <exception cref="StoreClosedException">Closing has begun.</exception>
    public void Enter()
    {
        if (Interlocked.Increment(ref _state) > 0)
            return;

        Leave();
        throw new StoreClosedException(path);
    }

    public void Leave()
    {
        if (Interlocked.Decrement(ref _state) != Closing)
            return;

        lock (_waiting)
            Monitor.PulseAll(_waiting);
    }

    /// <summary>Turns newcomers away and returns when all are out: true for the one caller that is to close, false for any other.</summary>
    public bool Close()
    {
        if (Interlocked.Or(ref _state, Closing) < 0)
            return false;

        lock (_waiting)
        {
            while (Volatile.Read(ref _state) != Closing)
                Monitor.Wait(_waiting);
        }

        return true;
    }
}
