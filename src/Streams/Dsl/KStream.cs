using Streams.Dsl;
using Streams.Processing;

namespace Streams;

/// <summary>A stream of records, each an event of its own. Calls describe what is done with it; nothing runs before the topology does.</summary>
/// <remarks>Every call takes a trailing <c>named</c>: the node's name, generated where it is null.</remarks>
public sealed partial class KStream<TKey, TValue>
{
    internal KStream(DslGraph graph, GraphNode node, ISerde<TKey>? keySerde, ISerde<TValue>? valueSerde, bool keyChanged, SourceSet sources)
    {
        Graph = graph;
        Node = node;
        KeySerde = keySerde;
        ValueSerde = valueSerde;
        KeyChanged = keyChanged;
        Sources = sources;
    }

    internal DslGraph Graph { get; }

    internal GraphNode Node { get; }

    /// <summary>The keys' serde, where one was given on the way here.</summary>
    internal ISerde<TKey>? KeySerde { get; }

    /// <summary>The values' serde, where one was given on the way here.</summary>
    internal ISerde<TValue>? ValueSerde { get; }

    /// <summary>Grouping and joining after this needs a repartition topic: equal keys may lie in different partitions.</summary>
    internal bool KeyChanged { get; }

    internal SourceSet Sources { get; }

    /// <summary>Where a join sent this stream through a repartition topic; another join may use it too.</summary>
    internal GraphNode? Repartitioned { get; set; }

    /// <summary>Keeps the records for which <paramref name="predicate"/> holds.</summary>
    public KStream<TKey, TValue> Filter(Func<TKey, TValue, bool> predicate, string? named = null) => FilterTo(predicate, keep: true, named);

    /// <summary>Keeps the records for which <paramref name="predicate"/> does not hold.</summary>
    public KStream<TKey, TValue> FilterNot(Func<TKey, TValue, bool> predicate, string? named = null) => FilterTo(predicate, keep: false, named);

    /// <summary>Makes another key and value of each record. Grouping afterwards goes through a repartition topic.</summary>
    public KStream<TNewKey, TNewValue> Map<TNewKey, TNewValue>(Func<TKey, TValue, KeyValue<TNewKey, TNewValue>> mapper, string? named = null)
    {
        ArgumentNullException.ThrowIfNull(mapper);
        var name = Graph.Name(named, "KSTREAM-MAP-");
        return Then<TNewKey, TNewValue>(name, () => new MapNode<TKey, TValue, TNewKey, TNewValue>(name, mapper), null, null, changesKey: true);
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
        var name = Graph.Name(named, "KSTREAM-MAPVALUES-");
        return Then<TKey, TNewValue>(name, () => new MapValuesNode<TKey, TValue, TNewValue>(name, mapper), KeySerde, null, changesValue: true);
    }

    /// <summary>Makes any number of records of each. Grouping afterwards goes through a repartition topic.</summary>
    public KStream<TNewKey, TNewValue> FlatMap<TNewKey, TNewValue>(
        Func<TKey, TValue, IEnumerable<KeyValue<TNewKey, TNewValue>>> mapper, string? named = null)
    {
        ArgumentNullException.ThrowIfNull(mapper);
        var name = Graph.Name(named, "KSTREAM-FLATMAP-");
        return Then<TNewKey, TNewValue>(name, () => new FlatMapNode<TKey, TValue, TNewKey, TNewValue>(name, mapper), null, null, changesKey: true);
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
        var name = Graph.Name(named, "KSTREAM-FLATMAPVALUES-");
        return Then<TKey, TNewValue>(name, () => new FlatMapValuesNode<TKey, TValue, TNewValue>(name, mapper), KeySerde, null, changesValue: true);
    }

    /// <summary>Gives each record another key. Grouping afterwards goes through a repartition topic.</summary>
    public KStream<TNewKey, TValue> SelectKey<TNewKey>(Func<TKey, TValue, TNewKey> mapper, string? named = null)
    {
        ArgumentNullException.ThrowIfNull(mapper);
        var name = Graph.Name(named, "KSTREAM-KEY-SELECT-");
        return Then<TNewKey, TValue>(name, () => new SelectKeyNode<TKey, TValue, TNewKey>(name, mapper), null, ValueSerde, changesKey: true);
    }

    /// <summary>Looks at each record and passes it on.</summary>
    public KStream<TKey, TValue> Peek(Action<TKey, TValue> action, string? named = null)
    {
        ArgumentNullException.ThrowIfNull(action);
        var name = Graph.Name(named, "KSTREAM-PEEK-");
        return Then<TKey, TValue>(name, () => new PeekNode<TKey, TValue>(name, action), KeySerde, ValueSerde);
    }

    /// <summary>Does something with each record; the end of its branch.</summary>
    public void Foreach(Action<TKey, TValue> action, string? named = null)
    {
        ArgumentNullException.ThrowIfNull(action);
        var name = Graph.Name(named, "KSTREAM-FOREACH-");
        Then<TKey, TValue>(name, () => new PeekNode<TKey, TValue>(name, action), null, null);
    }

    /// <summary>Prints each record, as <c>[label]: key, value</c>; the end of its branch. For looking at a topology at work, not for output.</summary>
    public void Print(Printed<TKey, TValue> printed)
    {
        ArgumentNullException.ThrowIfNull(printed);
        var name = Graph.Name(printed.Name, "KSTREAM-PRINTER-");
        var (writer, label) = (printed.Writer, printed.Label ?? Node.Name);
        var mapper = printed.Mapper ?? ((key, value) => $"{(object?)key ?? "null"}, {(object?)value ?? "null"}");
        Then<TKey, TValue>(
            name,
            () => new PeekNode<TKey, TValue>(name, (key, value) =>
            {
                writer.WriteLine($"[{label}]: {mapper(key, value)}");
                writer.Flush();
            }),
            null,
            null);
    }

    /// <summary>The records of this stream and of <paramref name="other"/>. Nothing is promised about the order between them.</summary>
    public KStream<TKey, TValue> Merge(KStream<TKey, TValue> other, string? named = null)
    {
        ArgumentNullException.ThrowIfNull(other);
        var name = Graph.Name(named, "KSTREAM-MERGE-");
        var node = Graph.Add(new(name, [Node, other.Node], (t, parents) => t.AddNode(name, parents, () => new PassNode<TKey, TValue>(name))) { IsMerge = true });
        return new(Graph, node, KeySerde ?? other.KeySerde, ValueSerde ?? other.ValueSerde, KeyChanged || other.KeyChanged, Sources.Union(other.Sources));
    }

    /// <summary>Splits the stream: each record goes to the first branch whose predicate holds.</summary>
    public BranchedKStream<TKey, TValue> Split(string? named = null) =>
        new(this, Graph.Name(named, "KSTREAM-BRANCH-"));

    /// <summary>Groups by the key as it is.</summary>
    public KGroupedStream<TKey, TValue> GroupByKey(Grouped<TKey, TValue>? grouped = null) =>
        new(Graph, Node, grouped?.KeySerde ?? KeySerde, grouped?.ValueSerde ?? ValueSerde, KeyChanged, grouped?.Name, Sources);

    /// <summary>Groups by another key, through a repartition topic.</summary>
    public KGroupedStream<TNewKey, TValue> GroupBy<TNewKey>(Func<TKey, TValue, TNewKey> selector, Grouped<TNewKey, TValue>? grouped = null)
    {
        ArgumentNullException.ThrowIfNull(selector);
        var name = Graph.Name(grouped?.Name, "KSTREAM-KEY-SELECT-");
        var keyed = Then<TNewKey, TValue>(
            name, () => new SelectKeyNode<TKey, TValue, TNewKey>(name, selector), null, ValueSerde, changesKey: true);
        return keyed.GroupByKey(grouped);
    }

    /// <summary>The latest value of each key. A record without value deletes its key.</summary>
    /// <param name="materialized">Name the store to query it. Without, a store is kept only where something downstream needs one.</param>
    /// <param name="named">The node's name.</param>
    public KTable<TKey, TValue> ToTable(Materialized<TKey, TValue>? materialized = null, string? named = null)
    {
        var name = Graph.Name(named, "KSTREAM-TOTABLE-");
        var storeName = materialized?.StoreName ?? Graph.NextStoreName("KSTREAM-TOTABLE-");
        var where = $"the table '{name}'";
        var keySerde = Graph.Serdes.Find(materialized?.KeySerde ?? KeySerde, "keys", where, "Materialized.With");
        var valueSerde = Graph.Serdes.Find(materialized?.ValueSerde ?? ValueSerde, "values", where, "Materialized.With");
        var (parent, sources) = (Node, Sources);
        if (KeyChanged)
        {
            parent = Graph.Add(RepartitionStep<TKey, TValue>.Create(Graph, [Node], name, keySerde, valueSerde));
            sources = SourceSet.Of(parent.Name);
        }

        var source = new TopicTable<TKey, TValue>(storeName, materialized?.StoreName is not null, materialized?.HistoryRetention is not null);
        var node = Graph.Add(new(name, [parent], (t, parents) =>
            TableStep.Write(t, name, parents, source, Graph.Serdes, keySerde, valueSerde, materialized))
        {
            IsVersioned = source.IsVersioned,
        });
        return new(Graph, node, source, keySerde, valueSerde, sources, materialized?.StoreName);
    }

    /// <summary>Hands each record to a processor of yours. Grouping afterwards goes through a repartition topic, for the processor may change keys.</summary>
    /// <param name="supplier">Makes a new processor for each task.</param>
    /// <param name="named">The node's name.</param>
    /// <param name="stores">The stores that the processor uses, added with <see cref="StreamBuilder.AddStateStore"/>.</param>
    public KStream<TKeyOut, TValueOut> Process<TKeyOut, TValueOut>(
        Func<Processor<TKey, TValue, TKeyOut, TValueOut>> supplier, string? named = null, IReadOnlyCollection<string>? stores = null)
    {
        ArgumentNullException.ThrowIfNull(supplier);
        var name = named ?? Graph.NextName("KSTREAM-PROCESSOR-");
        var node = AddProcessor(name, supplier, stores);
        return new(Graph, node, null, null, keyChanged: true, Sources);
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
        var name = named ?? Graph.NextName("KSTREAM-PROCESSVALUES-");
        var node = AddProcessor(name, supplier, stores);
        return new(Graph, node, KeySerde, null, KeyChanged, Sources);
    }

    /// <summary>As <see cref="Process"/>, for a processor that cannot change a record's key: grouping afterwards needs no repartition topic.</summary>
    /// <param name="supplier">Makes a new processor for each task.</param>
    /// <param name="named">The node's name.</param>
    /// <param name="stores">The stores that the processor uses, added with <see cref="StreamBuilder.AddStateStore"/>.</param>
    public KStream<TKey, TValueOut> ProcessValues<TValueOut>(
        Func<FixedKeyProcessor<TKey, TValue, TValueOut>> supplier, string? named = null, IReadOnlyCollection<string>? stores = null)
    {
        ArgumentNullException.ThrowIfNull(supplier);
        return ProcessValues(
            () => new FixedKeyAdapter<TKey, TValue, TValueOut>(
                supplier() ?? throw new TopologyException("A supplier given to ProcessValues returned null; it must make a new processor at each call.")),
            named,
            stores);
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
        var name = Graph.Name(named, "KSTREAM-FILTER-");
        return Then<TKey, TValue>(name, () => new FilterNode<TKey, TValue>(name, predicate, keep), KeySerde, ValueSerde);
    }

    /// <summary>The stream behind one more node.</summary>
    internal KStream<TNextKey, TNextValue> Then<TNextKey, TNextValue>(
        string name, Func<Node> make, ISerde<TNextKey>? keySerde, ISerde<TNextValue>? valueSerde, bool changesKey = false, bool changesValue = false)
    {
        var node = Graph.Add(new(name, [Node], (t, parents) => t.AddNode(name, parents, make)) { ChangesKey = changesKey, ChangesValue = changesValue });
        return new(Graph, node, keySerde, valueSerde, changesKey || KeyChanged, Sources);
    }

    private GraphNode AddProcessor<TKeyOut, TValueOut>(
        string name, Func<Processor<TKey, TValue, TKeyOut, TValueOut>> supplier, IReadOnlyCollection<string>? stores) =>
        Graph.Add(new(
            name,
            [Node],
            (t, parents) => t.AddProcessor(name, supplier, [.. parents]).ConnectProcessorAndStateStores(name, [.. stores ?? []]))
        {
            // It may change keys, too; but as in Kafka Streams, nothing is optimised around a processor of the user's.
            ChangesValue = true,
        });

    private void AddSink(string? topic, Func<TKey, TValue, RecordContext, string>? chooseTopic, Produced<TKey, TValue>? produced, string where)
    {
        var name = Graph.Name(produced?.Name, "KSTREAM-SINK-");
        var keySerde = Graph.Serdes.Find(produced?.KeySerde ?? KeySerde, "keys", where, "Produced.With");
        var valueSerde = Graph.Serdes.Find(produced?.ValueSerde ?? ValueSerde, "values", where, "Produced.With");
        Graph.Add(new(name, [Node], (t, parents) => t.AddSink(name, topic, chooseTopic, keySerde, valueSerde, produced?.Partitioner, [.. parents])));
    }
}
