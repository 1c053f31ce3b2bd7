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
    private static readonly ConditionalWeakTable<IStateStore, Said> LastSaid = [];

    /// <summary>Entries; null of a store that does not count them, that is not ready, or whose writer was stuck from the first question on.</summary>
    public static long? Entries(IStoreOwner owner, IStateStore store) =>
        store is ICountable countable ? Ask(owner, store, countable, static countable => countable.EntryCount, static said => ref said.Entries) : null;

    /// <summary>Bytes on disk and in memory; null as in <see cref="Entries"/>.</summary>
    public static long? Bytes(IStoreOwner owner, IStateStore store) =>
        store is IMeasurable measurable ? Ask(owner, store, measurable, static measurable => measurable.ByteCount, static said => ref said.Bytes) : null;

    private static long? Ask<T>(IStoreOwner owner, IStateStore store, T asked, Func<T, long?> look, Place place)
    {
        if (!owner.IsReady)
            return null;

        var said = LastSaid.GetOrCreateValue(store);
        if (owner.Gate.TryRead(Patience, () => owner.IsReady ? look(asked) : null, out var answer))
            place(said) = answer;
        return place(said);
    }

    private delegate ref long? Place(Said said);

    private sealed class Said
    {
        public long? Entries;
        public long? Bytes;
    }
}
