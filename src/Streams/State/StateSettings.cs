namespace Streams.State;

/// <summary>How the stores of a thread's tasks are kept.</summary>
/// <param name="DefaultStores">Where stores live that say nothing else.</param>
/// <param name="Directory">The folder of stores that live on disk.</param>
/// <param name="CacheBytesMax">What the thread's record caches may hold together; 0 for no caches.</param>
internal sealed record StateSettings(StoreEngine DefaultStores, string Directory, long CacheBytesMax)
{
    /// <summary>In memory, without caches.</summary>
    public static StateSettings InMemory { get; } = new(InMemoryStores.Default, "", 0);

    /// <summary>What the thread's record caches share.</summary>
    public CacheBudget Cache { get; } = new(CacheBytesMax);

    /// <summary>Told of state on disk that was found damaged and is deleted, so that it will be restored.</summary>
    public Action<StreamsException>? StateLost { get; init; }

    public static StateSettings Of(StreamConfig config) =>
        new(config.DefaultStores, config.StateDirectory, config.CacheBytesMax / config.ThreadCount);
}
