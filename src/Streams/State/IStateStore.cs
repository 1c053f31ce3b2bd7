namespace Streams;

/// <summary>State that a task owns. Implement it to make a store of your own take part in commits.</summary>
/// <remarks>
/// One instance per task, used by the task's thread. At each commit the engine calls <see cref="Flush"/> before it commits the input offsets:
/// what a processor wrote to the store is durable before its records count as read. Where <see cref="Flush"/> throws, nothing is committed; the
/// thread is replaced after a pause and reads the records again. So writes should be idempotent.
/// </remarks>
public interface IStateStore
{
    /// <summary>The store's name, unique in its topology.</summary>
    string Name { get; }

    /// <summary>Opens the store. Called once, before anything else.</summary>
    void Init(StateStoreContext context);

    /// <summary>Makes everything written so far durable. Called at each commit, before the offsets are committed.</summary>
    void Flush();

    /// <summary>Closes the store. Called once; what was not flushed may be dropped: its records will be read again.</summary>
    void Close();
}
