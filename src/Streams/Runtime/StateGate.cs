namespace Streams.Runtime;

/// <summary>
/// Lets queries read a task's stores beside its one writer. The writer holds it for a batch of records, a reader for one look; a writer that
/// wants it again lets waiting readers go first.
/// </summary>
internal sealed class StateGate
{
    private readonly Lock _lock = new();
    private int _readers;

    public Lock.Scope EnterToWrite()
    {
        // Locks are not fair: without this a busy task would take the gate back before a reader has woken up.
        if (Volatile.Read(ref _readers) > 0)
        {
            var spin = new SpinWait();
            while (Volatile.Read(ref _readers) > 0 && spin.Count < 200)
                spin.SpinOnce(sleep1Threshold: -1);
        }

        return _lock.EnterScope();
    }

    public T Read<T>(Func<T> look)
    {
        Interlocked.Increment(ref _readers);
        try
        {
            lock (_lock)
                return look();
        }
        finally
        {
            Interlocked.Decrement(ref _readers);
        }
    }
}
