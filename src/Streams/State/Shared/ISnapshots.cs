using Streams.Runtime;

namespace Streams.State;

/// <summary>
/// A store that can be kept as it is while its writer goes on: what others than its writer read in lists. Both methods are called under the owner's gate,
/// between two records, and look at a bounded number of entries.
/// </summary>
internal interface ISnapshots
{
    /// <summary>Does a part of what must be done once before the first snapshot, such as putting keys in order.</summary>
    /// <returns>Whether all is done.</returns>
    bool GetReady() => true;

    /// <summary>
    /// The store as it is now, for one reader: an <see cref="IReadOnlyKeyValueStore{TKey, TValue}"/> and so on, as the store is one, and
    /// <see cref="IDisposable"/> where it holds more than memory.
    /// </summary>
    /// <param name="gate">What the reader is to take for a moment where it reads what the writer still changes.</param>
    object Snapshot(StateGate gate);
}
