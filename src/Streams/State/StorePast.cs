namespace Streams.State;

/// <summary>A store, and the topic partition that holds its past.</summary>
/// <param name="Store">The store, without a cache in front.</param>
/// <param name="Changelog">Its changelog, or the input that it is read from.</param>
/// <param name="Storage">What its engine keeps between runs; null where it keeps nothing.</param>
internal sealed record StorePast(IRestorable Store, Changelog Changelog, TaskStorage? Storage)
{
    /// <summary>Where reading goes on to make the store whole; null for the start.</summary>
    public long? RestoreFrom => Storage?.RestoreFrom(Changelog.Partition);

    /// <summary>The store holds its past up to <paramref name="next"/>.</summary>
    public void Restored(long next) => Storage?.Restored(Changelog.Partition, next);
}
