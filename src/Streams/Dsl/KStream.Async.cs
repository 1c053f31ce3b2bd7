using Streams.Processing;

namespace Streams;

/// <content>Calls that take time.</content>
public sealed partial class KStream<TKey, TValue>
{
    /// <summary>How many calls of <see cref="MapValuesAsync{TNewValue}"/> are in flight at most, for each task, where nothing else is said: 16.</summary>
    public const int DefaultConcurrency = 16;

    /// <summary>
    /// Makes another value of each by a call that takes time: a look-up in another service, say. The task goes on with the records behind while calls
    /// are in flight; their results go on in the order of the records.
    /// </summary>
    /// <remarks>
    /// <para>
    /// The bound holds for each task, that is, for each partition of the input. When it is reached, records wait in their queue until the first call
    /// has ended. A commit waits for all calls in flight and sends their results on, so that no record counts as read before its result went on: a call
    /// that takes longer than the commit interval delays commits, and one that takes longer than <c>PollIntervalMax</c> gets the thread thrown out of
    /// its group. Give calls a time limit.
    /// </para>
    /// <para>
    /// A call that fails, by itself or by a time limit of its own, goes to <see cref="StreamConfig.ProcessingErrors"/> when its turn comes. After a failure elsewhere
    /// records may be read again, and calls made again. Stream time runs ahead of the records that wait; before a stream-time punctuation all of them
    /// go on. In the test driver, all calls have ended when <c>Pipe</c> returns.
    /// </para>
    /// </remarks>
    /// <param name="mapper">
    /// Called on the task's thread with key, value and a token that is cancelled when the task is closed before the call's result went on; should
    /// not block before its first await.
    /// </param>
    /// <param name="concurrency">How many calls may be in flight at once, for each task; at least 1. Default <see cref="DefaultConcurrency"/>.</param>
    /// <param name="named">The node's name.</param>
    public KStream<TKey, TNewValue> MapValuesAsync<TNewValue>(
        Func<TKey, TValue, CancellationToken, Task<TNewValue>> mapper, int concurrency = DefaultConcurrency, string? named = null)
    {
        ArgumentNullException.ThrowIfNull(mapper);
        ArgumentOutOfRangeException.ThrowIfLessThan(concurrency, 1);
        var name = Graph.Name(named, "KSTREAM-MAPVALUESASYNC-");
        return Then<TKey, TNewValue>(
            name, () => new MapValuesAsyncNode<TKey, TValue, TNewValue>(name, mapper, concurrency), KeySerde, null, changesValue: true);
    }
}
