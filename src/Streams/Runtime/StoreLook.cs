using System.Runtime.CompilerServices;
using Streams.State;

namespace Streams.Runtime;

/// <summary>What stores say of themselves, asked from any thread.</summary>
/// <remarks>
/// Whoever asks does not wait for a writer that is stuck: a processor may wait for minutes for a system that is away, just when someone looks at the metrics
/// to learn why. What the store said last is the answer then.
/// </remarks>
internal static class StoreLook
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);
    private static readonly ConditionalWeakTable<IStateStore, Said> LastEntries = [];
    private static readonly ConditionalWeakTable<IStateStore, Said> LastBytes = [];

    /// <summary>Entries; null of a store that does not count them, that is not ready, or whose writer was stuck from the first question on.</summary>
    public static long? Entries(IStoreOwner owner, IStateStore store) =>
        store is ICountable countable ? Ask(owner, store, () => countable.EntryCount, LastEntries) : null;

    /// <summary>Bytes on disk and in memory; null as in <see cref="Entries"/>.</summary>
    public static long? Bytes(IStoreOwner owner, IStateStore store) =>
        store is IMeasurable measurable ? Ask(owner, store, () => measurable.ByteCount, LastBytes) : null;

    private static long? Ask(IStoreOwner owner, IStateStore store, Func<long?> look, ConditionalWeakTable<IStateStore, Said> last)
    {
        if (!owner.IsReady)
            return null;
        if (!owner.Gate.TryRead(Patience, () => owner.IsReady ? look() : null, out var answer))
            return last.TryGetValue(store, out var said) ? said.Value : null;
        last.AddOrUpdate(store, new(answer));
        return answer;
    }

    private sealed record Said(long? Value);
}
