namespace Kafka.OnConfluent;

/// <summary>Calls that wait inside librdkafka for a broker: each on a thread of its own.</summary>
/// <remarks>
/// The thread pool starts with one thread for each processor, and adds one only after a second or so in which nothing moved. Where the broker lies in
/// the same process its answers need the pool's threads: on two processors, two calls that waited on them stopped the whole process for that second.
/// </remarks>
internal static class BlockingCalls
{
    private const TaskCreationOptions OwnThread = TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach;

    /// <summary>Makes the call, unless <paramref name="cancellation"/> was faster. It does not end a call that has begun.</summary>
    public static Task RunAsync(Action call, CancellationToken cancellation = default) =>
        Task.Factory.StartNew(call, cancellation, OwnThread, TaskScheduler.Default);

    /// <inheritdoc cref="RunAsync(Action, CancellationToken)"/>
    public static Task<T> RunAsync<T>(Func<T> call, CancellationToken cancellation = default) =>
        Task.Factory.StartNew(call, cancellation, OwnThread, TaskScheduler.Default);
}
