namespace Monitor;

/// <summary>Work that blocks, on a thread of its own.</summary>
/// <remarks>
/// The thread pool starts with one thread for each processor, and adds one only after a second or so in which nothing moved: on two processors, two
/// searches of seconds would stop whatever else is in the process for as long.
/// </remarks>
internal static class OwnThread
{
    public static Task RunAsync(Action work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);

    /// <inheritdoc cref="RunAsync(Action)"/>
    public static Task<T> RunAsync<T>(Func<T> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);
}
