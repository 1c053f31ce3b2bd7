namespace Streams.Runtime;

/// <summary>
/// Lets queries read a task's stores beside its one writer. The writer holds it for a batch of records, but between two of them lets in whoever waits; a
/// reader holds it for one look, which sees a bounded number of entries.
/// </summary>
internal sealed class StateGate
{
    // From here on a writer sleeps a millisecond between its looks whether the readers are through.
    private const int SpinsBeforeSleep = 1000;

    private readonly Lock _lock = new();
    private long _arrived;
    private long _served;

    /// <summary>Whether someone wants in to read, or is in.</summary>
    public bool HasWaitingReaders => Volatile.Read(ref _arrived) != Volatile.Read(ref _served);

    public Lock.Scope EnterToWrite()
    {
        LetIn();
        return _lock.EnterScope();
    }

    /// <summary>For the writer that is inside, between two records: lets in whoever waits. Nothing but a look where nobody does.</summary>
    public void LetReadersIn()
    {
        if (!HasWaitingReaders)
            return;

        _lock.Exit();
        LetIn();
        _lock.Enter();
    }

    public T Read<T>(Func<T> look)
    {
        using var _ = EnterToRead();
        return look();
    }

    /// <summary>As <see cref="Read"/>, but false where the writer lets nobody in for that long.</summary>
    public bool TryRead<T>(TimeSpan patience, Func<T> look, out T? seen)
    {
        Interlocked.Increment(ref _arrived);
        var isIn = _lock.TryEnter(patience);
        try
        {
            seen = isIn ? look() : default;
            return isIn;
        }
        finally
        {
            if (isIn)
                _lock.Exit();
            Interlocked.Increment(ref _served);
        }
    }

    /// <summary>As <see cref="Read"/>, for a look that is taken per record. Dispose it at once.</summary>
    public ReadScope EnterToRead()
    {
        Interlocked.Increment(ref _arrived);
        _lock.Enter();
        return new(this);
    }

    // Locks are not fair: without this a busy task would take the gate back before a reader has woken up. Those who come meanwhile wait for the next record.
    private void LetIn()
    {
        var arrived = Volatile.Read(ref _arrived);
        var spin = new SpinWait();
        while (Volatile.Read(ref _served) < arrived)
            spin.SpinOnce(SpinsBeforeSleep);
    }

    private void LeaveRead()
    {
        _lock.Exit();
        Interlocked.Increment(ref _served);
    }

    /// <summary>A reader's hold of the gate.</summary>
    public readonly ref struct ReadScope(StateGate gate)
    {
        public void Dispose() => gate.LeaveRead();
    }
}
