using Streams.Processing;

namespace Streams.Dsl;

/// <summary>The head of a table of records: of a topic's, of a stream's, of a foreign-key join's results.</summary>
internal static class TableStep
{
    /// <summary>Writes the node, and the store where one is wanted by now.</summary>
    /// <param name="topology">Where to.</param>
    /// <param name="name">The node's name.</param>
    /// <param name="parents">What sends the records.</param>
    /// <param name="source">What was asked of the table.</param>
    /// <param name="serdes">Serdes of types where none was given.</param>
    /// <param name="keySerde">The keys' serde; needed where there is a store.</param>
    /// <param name="valueSerde">The values' serde; needed where there is a store.</param>
    /// <param name="materialized">How to keep the store.</param>
    /// <param name="topic">The topic that the records are read from, unchanged; null for others.</param>
    public static void Write<TKey, TValue>(
        Topology topology,
        string name,
        IReadOnlyList<string> parents,
        TopicTable<TKey, TValue> source,
        SerdeRegistry serdes,
        ISerde<TKey>? keySerde,
        ISerde<TValue>? valueSerde,
        Materialized<TKey, TValue>? materialized,
        string? topic = null)
    {
        var (storeName, sendsOld) = (source.StoreName, source.SendsOldValues);
        topology.AddNode(name, parents, () => new TableSourceNode<TKey, TValue>(name, storeName, sendsOld));
        if (storeName is null)
            return;

        var where = $"the store '{storeName}'";
        var store = TableStores.Of(
            storeName,
            serdes.Find(keySerde, "keys", where, "Materialized.WithKeySerde"),
            serdes.Find(valueSerde, "values", where, "Materialized.WithValueSerde"),
            materialized);

        // The topic holds what a changelog would.
        if (topic is not null && topology.Optimization.HasFlag(TopologyOptimization.ReuseTableSourceTopics))
            store = store.RestoredFrom(topic);
        topology.AddStateStore(store, name);
    }
}
