using Streams.Dsl;
using Streams.Processing;

namespace Streams;

/// <summary>A table: the latest value of each key, and the stream of its changes.</summary>
public sealed class KTable<TKey, TValue>
{
    private readonly DslGraph _graph;
    private readonly string _node;
    private readonly string _storeName;
    private readonly ISerde<TKey> _keySerde;
    private readonly ISerde<TValue> _valueSerde;
    private readonly bool _stored;

    internal KTable(DslGraph graph, string node, string storeName, ISerde<TKey> keySerde, ISerde<TValue> valueSerde, bool stored)
    {
        (_graph, _node, _storeName, _keySerde, _valueSerde, _stored) = (graph, node, storeName, keySerde, valueSerde, stored);
    }

    /// <summary>The name by which the table's store can be queried; null where it has none.</summary>
    public string? QueryableStoreName => _stored ? _storeName : null;

    /// <summary>The table's changes, as a stream of new values. Where a key is deleted, a record without value.</summary>
    public KStream<TKey, TValue> ToStream(string? named = null)
    {
        var name = _graph.Name(named, "KTABLE-TOSTREAM-");
        var parent = _node;
        _graph.Add(t => t.AddNode(name, [parent], () => new TableToStreamNode<TKey, TValue>(name)));
        return new(_graph, name, _keySerde, _valueSerde, keyChanged: false);
    }

    /// <summary>The table's changes under another key.</summary>
    public KStream<TNewKey, TValue> ToStream<TNewKey>(Func<TKey, TValue, TNewKey> mapper, string? named = null) =>
        ToStream(named).SelectKey(mapper);

    internal void WriteSource(Topology topology, string parent, Materialized<TKey, TValue>? materialized)
    {
        topology.AddNode(_node, [parent], () => new TableSourceNode<TKey, TValue>(_node, _stored ? _storeName : null));
        if (!_stored)
            return;

        var store = Stores.TimestampedKeyValue(_storeName, _keySerde, _valueSerde);
        topology.AddStateStore(materialized?.Apply(store) ?? store, _node);
    }
}
