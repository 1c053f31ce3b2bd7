using Streams.Dsl;
using Streams.Processing;
using Streams.State;

namespace Streams;

public sealed partial class KTable<TKey, TValue>
{
    /// <summary>
    /// The same table with fewer changes: they are held back, those of a key as one, until their window has closed or a limit has passed (KIP-328).
    /// Time is stream time, so what waits comes out only with later records.
    /// </summary>
    /// <exception cref="TopologyException">The table has no windows that close, or is versioned.</exception>
    public KTable<TKey, TValue> Suppress(Suppressed suppressed)
    {
        ArgumentNullException.ThrowIfNull(suppressed);
        if (Source.IsVersioned)
            throw new TopologyException("A versioned table cannot be suppressed: its history would be lost. Suppress a table without versions.");

        var name = suppressed.Name ?? Graph.NextName("KTABLE-SUPPRESS-");
        var untilClose = suppressed.Wait is null;
        var waitMs = untilClose ? GraceMs() : (long)suppressed.Wait!.Value.TotalMilliseconds;
        var bufferName = suppressed.Name is null ? Graph.NextStoreName("KTABLE-SUPPRESS-") : $"{suppressed.Name}-store";

        // What waits must know what those downstream have seen of its key.
        Source.EnableSendingOldValues(forceMaterialization: true);
        var limits = suppressed.Buffer;
        var buffer = Buffer(bufferName, limits);
        var node = Graph.Add(new(name, [Node], (t, parents) => t
            .AddNode(name, parents, () => new SuppressNode<TKey, TValue>(name, bufferName, waitMs, untilClose, limits))
            .AddStateStore(buffer, name)));
        return new(Graph, node, new SuppressedTable<TKey, TValue>(bufferName, Source), KeySerde, ValueSerde, Sources, queryableStoreName: null);
    }

    private StoreBuilder Buffer(string name, BufferConfig limits)
    {
        var where = $"the buffer '{name}'";
        var keySerde = Graph.Serdes.Find(KeySerde, "keys", where, "Materialized.With on the table before");
        var valueSerde = Graph.Serdes.Find(ValueSerde, "values", where, "Materialized.With on the table before");
        var countsBytes = limits.BytesMax < long.MaxValue;
        var buffer = Stores.InMemoryOf(name, () => new SuppressionBuffer<TKey, TValue>(name, keySerde, valueSerde, countsBytes));
        return !limits.Logged ? buffer.WithLoggingDisabled()
            : limits.ChangelogSettings is { } settings ? buffer.WithLoggingEnabled(settings)
            : buffer;
    }

    // Windows that were cut further up, in every table that this one comes from; the longest grace counts.
    private long GraceMs()
    {
        if (typeof(IWindowed).IsAssignableFrom(typeof(TKey)) && GraceOf(Node) is { } grace)
            return grace;

        throw new TopologyException(
            "Suppressed.UntilWindowCloses is for tables of windowed aggregations: this one has no windows. Use Suppressed.UntilTimeLimit.");
    }

    private static long? GraceOf(GraphNode node)
    {
        if (node.GraceMs is not null)
            return node.GraceMs;

        long? longest = null;
        foreach (var parent in node.Parents)
        {
            if (GraceOf(parent) is not { } grace)
                return null;
            longest = Math.Max(longest ?? grace, grace);
        }

        return longest;
    }
}
