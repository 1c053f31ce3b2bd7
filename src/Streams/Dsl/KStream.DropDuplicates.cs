using Streams.Dsl;
using Streams.Processing;

namespace Streams;

/// <content>Records that say the same again.</content>
public sealed partial class KStream<TKey, TValue>
{
    /// <summary>Drops a record where one of the same key has passed already, at most <paramref name="within"/> of their own time before or after it.</summary>
    /// <inheritdoc cref="DropDuplicates{TId}"/>
    public KStream<TKey, TValue> DropDuplicates(TimeSpan within, Deduplicated<TKey>? deduplicated = null) =>
        Deduplicate((key, _) => key, within, deduplicated, byKey: true);

    /// <summary>Drops a record where one of the same id has passed already, at most <paramref name="within"/> of their own time before or after it.</summary>
    /// <remarks>
    /// <para>
    /// Only records that passed count: the third of three records each 9 s apart passes a 10 s limit. A record without an id is nobody's duplicate and passes.
    /// Ids are compared within a partition, so records of one id should have one key; where keys were changed before, the stream goes
    /// through a repartition topic.
    /// </para>
    /// <para>
    /// A record that is read again after a failure passes again where it passed before: what may have been lost of its results is made anew. Not in Kafka
    /// Streams (KIP-655 proposes it); Streamiz has <c>DropDuplicate</c>.
    /// </para>
    /// </remarks>
    /// <param name="id">What makes a record the same as another: an event's id, say.</param>
    /// <param name="within">How far apart in time duplicates may be. At least one millisecond.</param>
    /// <param name="deduplicated">Serde, names and store.</param>
    public KStream<TKey, TValue> DropDuplicates<TId>(Func<TKey, TValue, TId> id, TimeSpan within, Deduplicated<TId>? deduplicated = null)
    {
        ArgumentNullException.ThrowIfNull(id);
        return Deduplicate(id, within, deduplicated, byKey: false);
    }

    private KStream<TKey, TValue> Deduplicate<TId>(Func<TKey, TValue, TId> id, TimeSpan within, Deduplicated<TId>? deduplicated, bool byKey)
    {
        const string Prefix = "KSTREAM-DROPDUPLICATES-";

        ArgumentOutOfRangeException.ThrowIfLessThan(within, TimeSpan.FromMilliseconds(1));
        deduplicated ??= new();
        if (KeyChanged)
        {
            var where = $"the repartition topic of '{deduplicated.Name ?? Node.Name}'";
            return Graph.Repartition(
                this,
                deduplicated.Name ?? Node.Name,
                Graph.Serdes.Find(KeySerde, "keys", where, "Repartition"),
                Graph.Serdes.Find(ValueSerde, "values", where, "Repartition")).Deduplicate(id, within, deduplicated, byKey);
        }

        var storeName = deduplicated.StoreName ?? Graph.NextStoreName(Prefix);
        var name = Graph.Name(deduplicated.Name, Prefix);
        var keySerde = byKey ? KeySerde as ISerde<TId> : null;
        var idSerde = Graph.Serdes.Find(deduplicated.IdSerde ?? keySerde, "ids", $"the store '{storeName}'", "Deduplicated.WithIdSerde");
        var store = deduplicated.Apply(Stores.Window(storeName, idSerde, new SeenAtSerde(), deduplicated.Retention ?? 2 * within, within));
        var withinMs = (long)within.TotalMilliseconds;
        var node = Graph.Add(new(name, [Node], (t, parents) => t
            .AddNode(name, parents, () => new DropDuplicatesNode<TKey, TValue, TId>(name, storeName, withinMs, id, byKey))
            .AddStateStore(store, name)));
        return new(Graph, node, KeySerde, ValueSerde, keyChanged: false, Sources);
    }
}
