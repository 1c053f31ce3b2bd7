using Streams.Dsl;
using Streams.Processing;

namespace Streams;

/// <summary>A table: the latest value of each key, and the stream of its changes.</summary>
public sealed partial class KTable<TKey, TValue>
{
    private readonly string _storeName;
    private readonly bool _stored;

    internal KTable(
        DslGraph graph, GraphNode node, string storeName, ISerde<TKey> keySerde, ISerde<TValue> valueSerde, bool stored, SourceSet sources)
    {
        Graph = graph;
        Node = node;
        KeySerde = keySerde;
        ValueSerde = valueSerde;
        Sources = sources;
        (_storeName, _stored) = (storeName, stored);
    }

    internal DslGraph Graph { get; }

    internal GraphNode Node { get; }

    internal ISerde<TKey> KeySerde { get; }

    internal ISerde<TValue> ValueSerde { get; }

    internal SourceSet Sources { get; }

    /// <summary>The name by which the table's store can be queried; null where it has none.</summary>
    public string? QueryableStoreName => _stored ? _storeName : null;

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

    /// <summary>A table of a stream's records, or of the topic that <paramref name="source"/> writes a source for.</summary>
    internal static KTable<TKey, TValue> Of(
        DslGraph graph,
        string name,
        string storeName,
        ISerde<TKey> keySerde,
        ISerde<TValue> valueSerde,
        bool stored,
        SourceSet sources,
        Materialized<TKey, TValue>? materialized,
        GraphNode? parent,
        Func<Topology, string>? source = null)
    {
        var plain = Stores.TimestampedKeyValue(storeName, keySerde, valueSerde);
        var store = materialized?.Apply(plain) ?? plain;
        var node = graph.Add(new(name, parent is null ? [] : [parent], (t, parents) =>
        {
            t.AddNode(name, source is null ? parents : [source(t)], () => new TableSourceNode<TKey, TValue>(name, stored ? storeName : null));
            if (stored)
                t.AddStateStore(store, name);
        }));
        return new(graph, node, storeName, keySerde, valueSerde, stored, sources);
    }
}
