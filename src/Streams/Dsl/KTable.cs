using Streams.Dsl;
using Streams.Processing;

namespace Streams;

/// <summary>A table: the latest value of each key, and the stream of its changes.</summary>
/// <remarks>
/// A table keeps a store where one was named by a <see cref="Materialized{TKey, TValue}"/>, or where something downstream needs it: joins, groupings.
/// Otherwise it is worked out from its parent's whenever it is read. Calls take a trailing <c>named</c>: the node's name, generated where it is null.
/// Lambdas are never called for absent values; a lambda that returns null says that there is none.
/// </remarks>
public sealed partial class KTable<TKey, TValue>
{
    internal KTable(
        DslGraph graph,
        GraphNode node,
        TableSource<TKey, TValue> source,
        ISerde<TKey>? keySerde,
        ISerde<TValue>? valueSerde,
        SourceSet sources,
        string? queryableStoreName)
    {
        Graph = graph;
        Node = node;
        Source = source;
        KeySerde = keySerde;
        ValueSerde = valueSerde;
        Sources = sources;
        QueryableStoreName = queryableStoreName;
    }

    /// <summary>The name by which the table's store can be queried; null where none was named.</summary>
    public string? QueryableStoreName { get; }

    internal DslGraph Graph { get; }

    internal GraphNode Node { get; }

    internal TableSource<TKey, TValue> Source { get; }

    /// <summary>The keys' serde, where one was given on the way here.</summary>
    internal ISerde<TKey>? KeySerde { get; }

    /// <summary>The values' serde, where one was given on the way here.</summary>
    internal ISerde<TValue>? ValueSerde { get; }

    internal SourceSet Sources { get; }

    /// <summary>Keeps the keys whose values <paramref name="predicate"/> holds for; the result has no value for the others.</summary>
    public KTable<TKey, TValue> Filter(Func<TKey, TValue, bool> predicate, Materialized<TKey, TValue>? materialized = null, string? named = null) =>
        FilterTo(predicate, keep: true, materialized, named);

    /// <summary>Keeps the keys whose values <paramref name="predicate"/> does not hold for; the result has no value for the others.</summary>
    public KTable<TKey, TValue> FilterNot(Func<TKey, TValue, bool> predicate, Materialized<TKey, TValue>? materialized = null, string? named = null) =>
        FilterTo(predicate, keep: false, materialized, named);

    /// <summary>Makes another value of each. A result of null deletes the key.</summary>
    public KTable<TKey, TNewValue> MapValues<TNewValue>(
        Func<TValue, TNewValue> mapper, Materialized<TKey, TNewValue>? materialized = null, string? named = null)
    {
        ArgumentNullException.ThrowIfNull(mapper);
        return MapValues((_, value) => mapper(value), materialized, named);
    }

    /// <summary>Makes another value of each key and value. A result of null deletes the key.</summary>
    public KTable<TKey, TNewValue> MapValues<TNewValue>(
        Func<TKey, TValue, TNewValue> mapper, Materialized<TKey, TNewValue>? materialized = null, string? named = null)
    {
        ArgumentNullException.ThrowIfNull(mapper);
        var storeName = OwnStore(materialized, "KTABLE-MAPVALUES-");
        var name = Graph.Name(named, "KTABLE-MAPVALUES-");
        var source = new DerivedTable<TKey, TValue, TNewValue>(
            Source, storeName, VersionedBy(materialized), parent => new TableMapValuesGetter<TKey, TValue, TNewValue>(parent, mapper), []);
        return Derive(name, source, storeName, materialized, null, [], sendsOld =>
            () => new TableMapValuesNode<TKey, TValue, TNewValue>(name, storeName, sendsOld, mapper));
    }

    /// <summary>Makes another value of each by an object of yours, which may use stores and sees deletions too.</summary>
    /// <param name="supplier">Makes a new transformer for each task, and one for each join that reads this table without a store.</param>
    /// <param name="materialized">Name the result's store to keep one.</param>
    /// <param name="named">The node's name.</param>
    /// <param name="stores">The stores that the transformer uses, added with <see cref="StreamBuilder.AddStateStore"/>.</param>
    public KTable<TKey, TNewValue> TransformValues<TNewValue>(
        Func<ValueTransformer<TKey, TValue, TNewValue>> supplier,
        Materialized<TKey, TNewValue>? materialized = null,
        string? named = null,
        IReadOnlyCollection<string>? stores = null)
    {
        ArgumentNullException.ThrowIfNull(supplier);
        var storeName = materialized?.StoreName;
        var name = Graph.Name(named, "KTABLE-TRANSFORMVALUES-");
        HashSet<string> used = [.. stores ?? []];
        ValueTransformer<TKey, TValue, TNewValue> Make() =>
            supplier() ?? throw new TopologyException($"The supplier of '{name}' returned null; it must make a new transformer at each call.");
        var source = new DerivedTable<TKey, TValue, TNewValue>(
            Source,
            storeName,
            VersionedBy(materialized),
            parent => new TableTransformValuesGetter<TKey, TValue, TNewValue>(name, parent, Make(), used),
            used);
        return Derive(name, source, storeName, materialized, null, used, sendsOld =>
            () => new TableTransformValuesNode<TKey, TValue, TNewValue>(name, storeName, sendsOld, Make(), used));
    }

    /// <summary>The table's changes, as a stream of new values. Where a key is deleted, a record without value.</summary>
    public KStream<TKey, TValue> ToStream(string? named = null)
    {
        var name = Graph.Name(named, "KTABLE-TOSTREAM-");
        var node = Graph.Add(new(name, [Node], (t, parents) => t.AddNode(name, parents, () => new TableToStreamNode<TKey, TValue>(name))));
        return new(Graph, node, KeySerde, ValueSerde, keyChanged: false, Sources);
    }

    /// <summary>The table's changes under another key.</summary>
    public KStream<TNewKey, TValue> ToStream<TNewKey>(Func<TKey, TValue, TNewKey> mapper, string? named = null) =>
        ToStream(named).SelectKey(mapper);

    /// <summary>
    /// Groups the rows by another key, with another value each, through a repartition topic. A row whose group or value is null belongs to no group.
    /// </summary>
    /// <param name="selector">Makes a row's group and its value there of its key and value.</param>
    /// <param name="grouped">Serdes and name of the repartition topic.</param>
    public KGroupedTable<TGroup, TRow> GroupBy<TGroup, TRow>(
        Func<TKey, TValue, KeyValue<TGroup, TRow>> selector, Grouped<TGroup, TRow>? grouped = null)
    {
        ArgumentNullException.ThrowIfNull(selector);
        var name = Graph.Name(grouped?.Name, "KTABLE-SELECT-");
        var source = Source;
        var node = Graph.Add(new(name, [Node], (t, parents) =>
        {
            var versioned = source.IsVersioned;
            t.AddNode(name, parents, () => new TableGroupByNode<TKey, TValue, TGroup, TRow>(name, versioned, selector));
        })
        {
            ChangesKey = true,
        });
        Source.EnableSendingOldValues(forceMaterialization: true);
        return new(Graph, node, grouped);
    }

    internal ISerde<TKey> FindKeySerde(ISerde<TKey>? given, string where, string give) => Graph.Serdes.Find(given ?? KeySerde, "keys", where, give);

    internal ISerde<TValue> FindValueSerde(string where, string give) => Graph.Serdes.Find(ValueSerde, "values", where, give);

    private static bool? VersionedBy<TNewValue>(Materialized<TKey, TNewValue>? materialized) =>
        materialized is null ? null : materialized.HistoryRetention is not null;

    private KTable<TKey, TValue> FilterTo(Func<TKey, TValue, bool> predicate, bool keep, Materialized<TKey, TValue>? materialized, string? named)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        var storeName = OwnStore(materialized, "KTABLE-FILTER-");
        var name = Graph.Name(named, "KTABLE-FILTER-");
        var source = new DerivedTable<TKey, TValue, TValue>(
            Source, storeName, VersionedBy(materialized), parent => new TableFilterGetter<TKey, TValue>(parent, predicate, keep), []);

        // Where the parent knows old values anyway, they save the tombstones of keys that the filter never let through.
        source.TakeOldValuesIfKnown();
        var parent = Source;
        return Derive(name, source, storeName, materialized, ValueSerde, [], sendsOld =>
        {
            var versioned = parent.IsVersioned;
            return () => new TableFilterNode<TKey, TValue>(name, storeName, sendsOld, versioned, predicate, keep);
        });
    }

    /// <summary>The store that the user named; a generated name is used up where none is, though no store is kept then: as in Kafka Streams.</summary>
    private string? OwnStore<TNewValue>(Materialized<TKey, TNewValue>? materialized, string prefix)
    {
        if (materialized is not null && materialized.StoreName is null)
            Graph.NextStoreName(prefix);
        return materialized?.StoreName;
    }

    private KTable<TKey, TNewValue> Derive<TNewValue>(
        string name,
        TableSource<TKey, TNewValue> source,
        string? storeName,
        Materialized<TKey, TNewValue>? materialized,
        ISerde<TNewValue>? inherited,
        HashSet<string> usedStores,
        Func<bool, Func<Node>> make)
    {
        var keySerde = materialized?.KeySerde ?? KeySerde;
        var valueSerde = materialized?.ValueSerde ?? inherited;
        var store = storeName is null ? null : StoreOf(storeName, keySerde, valueSerde, materialized);
        var node = Graph.Add(new(name, [Node], (t, parents) =>
        {
            t.AddNode(name, parents, make(source.SendsOldValues));
            if (usedStores.Count > 0)
                t.ConnectProcessorAndStateStores(name, [.. usedStores]);
            if (store is not null)
                t.AddStateStore(store, name);
        })
        {
            IsVersioned = VersionedBy(materialized),
        });
        return new(Graph, node, source, keySerde, valueSerde, Sources, storeName);
    }

    private StoreBuilder StoreOf<TNewValue>(
        string storeName, ISerde<TKey>? keySerde, ISerde<TNewValue>? valueSerde, Materialized<TKey, TNewValue>? materialized)
    {
        var where = $"the store '{storeName}'";
        return TableStores.Of(
            storeName,
            Graph.Serdes.Find(keySerde, "keys", where, "Materialized.WithKeySerde"),
            Graph.Serdes.Find(valueSerde, "values", where, "Materialized.WithValueSerde"),
            materialized);
    }
}
