using Streams.Dsl;
using Streams.Processing;

namespace Streams;

/// <summary>A stream of records, each an event of its own. Calls describe what is done with it; nothing runs before the topology does.</summary>
/// <remarks>Every call takes a trailing <c>named</c>: the node's name, generated where it is null.</remarks>
public sealed class KStream<TKey, TValue>
{
    private readonly DslGraph _graph;
    private readonly ISerde<TKey>? _keySerde;
    private readonly ISerde<TValue>? _valueSerde;

    // Grouping after this needs a repartition topic: equal keys may lie in different partitions.
    private readonly bool _keyChanged;

    internal KStream(DslGraph graph, string node, ISerde<TKey>? keySerde, ISerde<TValue>? valueSerde, bool keyChanged)
    {
        _graph = graph;
        Node = node;
        _keySerde = keySerde;
        _valueSerde = valueSerde;
        _keyChanged = keyChanged;
    }

    internal string Node { get; }

    internal bool KeyChanged => _keyChanged;

    /// <summary>Keeps the records for which <paramref name="predicate"/> holds.</summary>
    public KStream<TKey, TValue> Filter(Func<TKey, TValue, bool> predicate, string? named = null) => FilterTo(predicate, keep: true, named);

    /// <summary>Keeps the records for which <paramref name="predicate"/> does not hold.</summary>
    public KStream<TKey, TValue> FilterNot(Func<TKey, TValue, bool> predicate, string? named = null) => FilterTo(predicate, keep: false, named);

    /// <summary>Makes another key and value of each record. Grouping afterwards goes through a repartition topic.</summary>
    public KStream<TNewKey, TNewValue> Map<TNewKey, TNewValue>(Func<TKey, TValue, KeyValue<TNewKey, TNewValue>> mapper, string? named = null)
    {
        ArgumentNullException.ThrowIfNull(mapper);
        var name = _graph.Name(named, "KSTREAM-MAP-");
        return Then<TNewKey, TNewValue>(name, () => new MapNode<TKey, TValue, TNewKey, TNewValue>(name, mapper), null, null, keyChanged: true);
    }

    /// <summary>Makes another value of each.</summary>
    public KStream<TKey, TNewValue> MapValues<TNewValue>(Func<TValue, TNewValue> mapper, string? named = null)
    {
        ArgumentNullException.ThrowIfNull(mapper);
        return MapValues((_, value) => mapper(value), named);
    }

    /// <summary>Makes another value of each key and value.</summary>
    public KStream<TKey, TNewValue> MapValues<TNewValue>(Func<TKey, TValue, TNewValue> mapper, string? named = null)
    {
        ArgumentNullException.ThrowIfNull(mapper);
        var name = _graph.Name(named, "KSTREAM-MAPVALUES-");
        return Then<TKey, TNewValue>(name, () => new MapValuesNode<TKey, TValue, TNewValue>(name, mapper), _keySerde, null, _keyChanged);
    }

    /// <summary>Makes any number of records of each. Grouping afterwards goes through a repartition topic.</summary>
    public KStream<TNewKey, TNewValue> FlatMap<TNewKey, TNewValue>(
        Func<TKey, TValue, IEnumerable<KeyValue<TNewKey, TNewValue>>> mapper, string? named = null)
    {
        ArgumentNullException.ThrowIfNull(mapper);
        var name = _graph.Name(named, "KSTREAM-FLATMAP-");
        return Then<TNewKey, TNewValue>(name, () => new FlatMapNode<TKey, TValue, TNewKey, TNewValue>(name, mapper), null, null, keyChanged: true);
    }

    /// <summary>Makes any number of values of each, under the same key.</summary>
    public KStream<TKey, TNewValue> FlatMapValues<TNewValue>(Func<TValue, IEnumerable<TNewValue>> mapper, string? named = null)
    {
        ArgumentNullException.ThrowIfNull(mapper);
        return FlatMapValues((_, value) => mapper(value), named);
    }

    /// <summary>Makes any number of values of each key and value, under the same key.</summary>
    public KStream<TKey, TNewValue> FlatMapValues<TNewValue>(Func<TKey, TValue, IEnumerable<TNewValue>> mapper, string? named = null)
    {
        ArgumentNullException.ThrowIfNull(mapper);
        var name = _graph.Name(named, "KSTREAM-FLATMAPVALUES-");
        return Then<TKey, TNewValue>(name, () => new FlatMapValuesNode<TKey, TValue, TNewValue>(name, mapper), _keySerde, null, _keyChanged);
    }

    /// <summary>Gives each record another key. Grouping afterwards goes through a repartition topic.</summary>
    public KStream<TNewKey, TValue> SelectKey<TNewKey>(Func<TKey, TValue, TNewKey> mapper, string? named = null)
    {
        ArgumentNullException.ThrowIfNull(mapper);
        var name = _graph.Name(named, "KSTREAM-KEY-SELECT-");
        return Then<TNewKey, TValue>(name, () => new SelectKeyNode<TKey, TValue, TNewKey>(name, mapper), null, _valueSerde, keyChanged: true);
    }

    /// <summary>Looks at each record and passes it on.</summary>
    public KStream<TKey, TValue> Peek(Action<TKey, TValue> action, string? named = null)
    {
        ArgumentNullException.ThrowIfNull(action);
        var name = _graph.Name(named, "KSTREAM-PEEK-");
        return Then<TKey, TValue>(name, () => new PeekNode<TKey, TValue>(name, action), _keySerde, _valueSerde, _keyChanged);
    }

    /// <summary>Does something with each record; the end of its branch.</summary>
    public void Foreach(Action<TKey, TValue> action, string? named = null)
    {
        ArgumentNullException.ThrowIfNull(action);
        var name = _graph.Name(named, "KSTREAM-FOREACH-");
        Then<TKey, TValue>(name, () => new PeekNode<TKey, TValue>(name, action), null, null, keyChanged: false);
    }

    /// <summary>The records of this stream and of <paramref name="other"/>. Nothing is promised about the order between them.</summary>
    public KStream<TKey, TValue> Merge(KStream<TKey, TValue> other, string? named = null)
    {
        ArgumentNullException.ThrowIfNull(other);
        var name = _graph.Name(named, "KSTREAM-MERGE-");
        string[] parents = [Node, other.Node];
        _graph.Add(t => t.AddNode(name, parents, () => new PassNode<TKey, TValue>(name)));
        return new(_graph, name, _keySerde ?? other._keySerde, _valueSerde ?? other._valueSerde, _keyChanged || other._keyChanged);
    }

    /// <summary>Splits the stream: each record goes to the first branch whose predicate holds.</summary>
    public BranchedKStream<TKey, TValue> Split(string? named = null) =>
        new(_graph, Node, _graph.Name(named, "KSTREAM-BRANCH-"), _keySerde, _valueSerde, _keyChanged);

    /// <summary>Groups by the key as it is.</summary>
    public KGroupedStream<TKey, TValue> GroupByKey(Grouped<TKey, TValue>? grouped = null) =>
        new(_graph, Node, grouped?.KeySerde ?? _keySerde, grouped?.ValueSerde ?? _valueSerde, _keyChanged, grouped?.Name);

    /// <summary>Groups by another key, through a repartition topic.</summary>
    public KGroupedStream<TNewKey, TValue> GroupBy<TNewKey>(Func<TKey, TValue, TNewKey> selector, Grouped<TNewKey, TValue>? grouped = null)
    {
        ArgumentNullException.ThrowIfNull(selector);
        var name = _graph.Name(grouped?.Name, "KSTREAM-KEY-SELECT-");
        var keyed = Then<TNewKey, TValue>(
            name, () => new SelectKeyNode<TKey, TValue, TNewKey>(name, selector), null, _valueSerde, keyChanged: true);
        return keyed.GroupByKey(grouped);
    }

    /// <summary>The latest value of each key.</summary>
    public KTable<TKey, TValue> ToTable(Materialized<TKey, TValue>? materialized = null, string? named = null)
    {
        var name = _graph.Name(named, "KSTREAM-TOTABLE-");
        var storeName = materialized?.StoreName ?? _graph.NextStoreName("KSTREAM-TOTABLE-");
        var where = $"the table '{name}'";
        var keySerde = _graph.Serdes.Find(materialized?.KeySerde ?? _keySerde, "keys", where, "Materialized.With");
        var valueSerde = _graph.Serdes.Find(materialized?.ValueSerde ?? _valueSerde, "values", where, "Materialized.With");
        var parent = _keyChanged ? _graph.Repartition(Node, name, keySerde, valueSerde) : Node;

        var table = new KTable<TKey, TValue>(_graph, name, storeName, keySerde, valueSerde, stored: true);
        _graph.Add(t => table.WriteSource(t, parent, materialized));
        return table;
    }

    /// <summary>Hands each record to a processor of yours. Grouping afterwards goes through a repartition topic, for the processor may change keys.</summary>
    /// <param name="supplier">Makes a new processor for each task.</param>
    /// <param name="named">The node's name.</param>
    /// <param name="stores">The stores that the processor uses, added with <see cref="StreamBuilder.AddStateStore"/>.</param>
    public KStream<TKeyOut, TValueOut> Process<TKeyOut, TValueOut>(
        Func<Processor<TKey, TValue, TKeyOut, TValueOut>> supplier, string? named = null, IReadOnlyCollection<string>? stores = null)
    {
        ArgumentNullException.ThrowIfNull(supplier);
        var name = named ?? _graph.NextName("KSTREAM-PROCESSOR-");
        AddProcessor(name, supplier, stores);
        return new(_graph, name, null, null, keyChanged: true);
    }

    /// <summary>
    /// As <see cref="Process"/>, for a processor that forwards every record under the key it came with: grouping afterwards needs no repartition
    /// topic. A processor that forwards another key breaks groups apart.
    /// </summary>
    /// <param name="supplier">Makes a new processor for each task.</param>
    /// <param name="named">The node's name.</param>
    /// <param name="stores">The stores that the processor uses, added with <see cref="StreamBuilder.AddStateStore"/>.</param>
    public KStream<TKey, TValueOut> ProcessValues<TValueOut>(
        Func<Processor<TKey, TValue, TKey, TValueOut>> supplier, string? named = null, IReadOnlyCollection<string>? stores = null)
    {
        ArgumentNullException.ThrowIfNull(supplier);
        var name = named ?? _graph.NextName("KSTREAM-PROCESSVALUES-");
        AddProcessor(name, supplier, stores);
        return new(_graph, name, _keySerde, null, _keyChanged);
    }

    /// <summary>Writes the stream to <paramref name="topic"/>.</summary>
    public void To(string topic, Produced<TKey, TValue>? produced = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(topic);
        AddSink(topic, null, produced, $"the sink to '{topic}'");
    }

    /// <summary>Writes each record to the topic that <paramref name="topic"/> names for it. The topics must exist.</summary>
    public void To(Func<TKey, TValue, RecordContext, string> topic, Produced<TKey, TValue>? produced = null)
    {
        ArgumentNullException.ThrowIfNull(topic);
        AddSink(null, topic, produced, "a sink with dynamic topics");
    }

    private KStream<TKey, TValue> FilterTo(Func<TKey, TValue, bool> predicate, bool keep, string? named)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        var name = _graph.Name(named, "KSTREAM-FILTER-");
        return Then<TKey, TValue>(name, () => new FilterNode<TKey, TValue>(name, predicate, keep), _keySerde, _valueSerde, _keyChanged);
    }

    private KStream<TNextKey, TNextValue> Then<TNextKey, TNextValue>(
        string name, Func<Node> node, ISerde<TNextKey>? keySerde, ISerde<TNextValue>? valueSerde, bool keyChanged)
    {
        var parent = Node;
        _graph.Add(t => t.AddNode(name, [parent], node));
        return new(_graph, name, keySerde, valueSerde, keyChanged);
    }

    private void AddProcessor<TKeyOut, TValueOut>(
        string name, Func<Processor<TKey, TValue, TKeyOut, TValueOut>> supplier, IReadOnlyCollection<string>? stores)
    {
        var parent = Node;
        _graph.Add(t => t.AddProcessor(name, supplier, parent).ConnectProcessorAndStateStores(name, [.. stores ?? []]));
    }

    private void AddSink(string? topic, Func<TKey, TValue, RecordContext, string>? chooseTopic, Produced<TKey, TValue>? produced, string where)
    {
        var name = _graph.Name(produced?.Name, "KSTREAM-SINK-");
        var keySerde = _graph.Serdes.Find(produced?.KeySerde ?? _keySerde, "keys", where, "Produced.With");
        var valueSerde = _graph.Serdes.Find(produced?.ValueSerde ?? _valueSerde, "values", where, "Produced.With");
        var parent = Node;
        _graph.Add(t => t.AddSink(name, topic, chooseTopic, keySerde, valueSerde, produced?.Partitioner, parent));
    }
}
