using System.Diagnostics;

namespace Streams.State;

/// <summary>Times one operation of a store out of many: to read the clock takes longer than most of them do.</summary>
/// <remarks>Used by the store's one thread, and by queries while they hold the task's gate.</remarks>
internal sealed class StoreTimer(string store, IStoreTimes? times)
{
    /// <summary>One in so many is timed. A prime: operations come in small cycles, of which each is to have its turn.</summary>
    public const int Every = 251;

    private int _left = 1;

    /// <summary>Begins an operation, which ends when the result is disposed.</summary>
    public StoreTiming Begin(StoreOperation operation) => --_left > 0 ? default : BeginTimed(operation);

    internal void End(StoreOperation operation, long begun) => times!.Took(store, operation, Stopwatch.GetElapsedTime(begun));

    private StoreTiming BeginTimed(StoreOperation operation)
    {
        _left = Every;
        return times is null ? default : new(this, operation, Stopwatch.GetTimestamp());
    }
}

/// <summary>An operation under way; of most nothing is measured.</summary>
internal readonly ref struct StoreTiming(StoreTimer? timer, StoreOperation operation, long begun)
{
    public void Dispose() => timer?.End(operation, begun);
}
