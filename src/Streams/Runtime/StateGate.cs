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
        using var _ = EnterToRead();
        return look();
    }

    /// <summary>As <see cref="Read"/>, for a look that is taken per record. Dispose it at once.</summary>
    public ReadScope EnterToRead()
    {
        Interlocked.Increment(ref _readers);
        _lock.Enter();
        return new(this);
    }

    private void LeaveRead()
    {
        _lock.Exit();
        Interlocked.Decrement(ref _readers);
    }

    /// <summary>A reader's hold of the gate.</summary>
    public readonly ref struct ReadScope(StateGate gate)
    {
        public void Dispose() => gate.LeaveRead();
    }
}
