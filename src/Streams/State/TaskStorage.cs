using Kafka;

namespace Streams.State;

/// <summary>What all stores of one task on one engine share: their files, and the offsets up to which they hold their changelogs.</summary>
/// <remarks>
/// The order of a commit is: caches, then stores (<see cref="IStateStore.Flush"/>), then <see cref="Commit"/>, which makes the writes of all stores
/// and the offsets durable together, or neither.
/// </remarks>
internal abstract class TaskStorage : IDisposable
{
    /// <summary>Where reading of <paramref name="changelog"/> goes on to make its store whole; null where the store holds nothing of it.</summary>
    public abstract long? RestoreFrom(TopicPartition changelog);

    /// <summary>A store was filled from <paramref name="changelog"/> up to <paramref name="next"/>: an offset that is written with its rows.</summary>
    public abstract void Restored(TopicPartition changelog, long next);

    /// <summary>Drops all that a store holds of <paramref name="changelog"/>: it is to be filled from its start.</summary>
    public abstract void StartAnew(TopicPartition changelog);

    /// <summary>Makes everything written since the last commit durable in one batch, with the offset that each changelog has reached.</summary>
    /// <param name="offsets">The next offset of each changelog partition that is known; the others keep theirs.</param>
    public abstract void Commit(IReadOnlyDictionary<TopicPartition, long> offsets);

    /// <summary>Drops what was written since the last commit.</summary>
    public abstract void Abort();

    public abstract void Dispose();
}

/// <summary>For whom a <see cref="TaskStorage"/> is opened.</summary>
/// <param name="ApplicationId">The application.</param>
/// <param name="Task">The task.</param>
/// <param name="StateDirectory">The folder that holds the state of all applications on this machine.</param>
/// <param name="Stores">The names of the task's stores on this engine.</param>
internal sealed record TaskStorageSettings(string ApplicationId, TaskId Task, string StateDirectory, IReadOnlyList<string> Stores)
{
    /// <summary>Whether what another run left is dropped, for all of it will be read again.</summary>
    public bool StartsAnew { get; init; }

    /// <summary>Told of state that was found damaged and is deleted, so that it will be restored.</summary>
    public Action<StreamsException>? StateLost { get; init; }
}
