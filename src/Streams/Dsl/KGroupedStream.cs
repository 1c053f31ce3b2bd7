using Streams.Dsl;
using Streams.Processing;

namespace Streams;

/// <summary>A stream grouped by its key. Records without a key or a value belong to no group and are dropped.</summary>
public sealed class KGroupedStream<TKey, TValue>
{
    private readonly bool _repartition;
    private readonly string? _name;
    private GraphNode? _repartitioned;

    internal KGroupedStream(
        DslGraph graph, GraphNode node, ISerde<TKey>? keySerde, ISerde<TValue>? valueSerde, bool repartition, string? name, SourceSet sources)
    {
        Graph = graph;
        Node = node;
        KeySerde = keySerde;
        ValueSerde = valueSerde;
        Sources = sources;
        _repartition = repartition;
        _name = name;
    }

    internal DslGraph Graph { get; }

    /// <summary>What was grouped, before any repartition topic: aggregate after <see cref="Keyed"/>.</summary>
    internal GraphNode Node { get; }

    internal ISerde<TKey>? KeySerde { get; }

    internal ISerde<TValue>? ValueSerde { get; }

    internal SourceSet Sources { get; }

    /// <summary>How many records each key has had.</summary>
    public KTable<TKey, long> Count(Materialized<TKey, long>? materialized = null, string? named = null)
    {
        // Kafka Streams uses up a number here that names nothing.
        if (materialized is { StoreName: null })
            Graph.NextStoreName("KSTREAM-AGGREGATE-");
        return Aggregate("KSTREAM-AGGREGATE-", new Counting<TKey, TValue>(), materialized, Serdes.Int64, named);
    }

    /// <summary>Each key's values made into one, two at a time. A result of null deletes the key.</summary>
    /// <param name="reducer">Takes the value so far and a record's value. A key's first value is taken as it is.</param>
    /// <param name="materialized">The store.</param>
    /// <param name="named">The node's name.</param>
    public KTable<TKey, TValue> Reduce(Func<TValue, TValue, TValue> reducer, Materialized<TKey, TValue>? materialized = null, string? named = null)
    {
        ArgumentNullException.ThrowIfNull(reducer);
        return Aggregate("KSTREAM-REDUCE-", new Reducing<TKey, TValue>(reducer), materialized, ValueSerde, named);
    }

    /// <summary>Each key's records made into a value of another type. A result of null deletes the key.</summary>
    /// <param name="initializer">Makes the value before a key's first record.</param>
    /// <param name="aggregator">Takes key, record's value, and the value so far; returns a new value (do not change the old one).</param>
    /// <param name="materialized">The store.</param>
    /// <param name="named">The node's name.</param>
    public KTable<TKey, TAggregate> Aggregate<TAggregate>(
        Func<TAggregate> initializer,
        Func<TKey, TValue, TAggregate, TAggregate> aggregator,
        Materialized<TKey, TAggregate>? materialized = null,
        string? named = null)
    {
        ArgumentNullException.ThrowIfNull(initializer);
        ArgumentNullException.ThrowIfNull(aggregator);
        return Aggregate("KSTREAM-AGGREGATE-", new Aggregating<TKey, TValue, TAggregate>(initializer, aggregator), materialized, null, named);
    }

    /// <summary>The groups cut into windows of time: <see cref="TumblingWindows"/>, <see cref="HoppingWindows"/>, <see cref="SlidingWindows"/> or <see cref="UnlimitedWindows"/>.</summary>
    public TimeWindowedKStream<TKey, TValue> WindowedBy(Windows windows)
    {
        ArgumentNullException.ThrowIfNull(windows);
        return new(this, windows);
    }

    /// <summary>The groups cut into sessions of activity.</summary>
    public SessionWindowedKStream<TKey, TValue> WindowedBy(SessionWindows windows)
    {
        ArgumentNullException.ThrowIfNull(windows);
        return new(this, windows);
    }

    /// <summary>The first of several grouped streams that are aggregated into one table.</summary>
    /// <param name="aggregator">Takes key, a record's value, and the value so far; returns a new value (do not change the old one).</param>
    public CogroupedKStream<TKey, TAggregate> Cogroup<TAggregate>(Func<TKey, TValue, TAggregate, TAggregate> aggregator)
    {
        ArgumentNullException.ThrowIfNull(aggregator);
        return new(new Cogroup<TKey, TAggregate>([new CogroupedStream<TKey, TValue, TAggregate>(this, aggregator)]));
    }

    /// <summary>The step to aggregate after, behind a repartition topic where the key changed, and the sources of what comes of it.</summary>
    /// <remarks>Call it after store and node have their names: the topic's nodes take the next numbers.</remarks>
    internal (GraphNode Node, SourceSet Sources) Keyed(string storeName)
    {
        if (!_repartition)
            return (Node, Sources);

        var where = $"the repartition topic of '{_name ?? storeName}'";
        var keySerde = Graph.Serdes.Find(KeySerde, "keys", where, "Grouped.With");
        var valueSerde = Graph.Serdes.Find(ValueSerde, "values", where, "Grouped.With");

        // A topic that the user named serves every aggregation of these groups; otherwise each has its own, named after its store.
        // The numbers go either way.
        var node = RepartitionStep<TKey, TValue>.Create(Graph, [Node], _name ?? storeName, keySerde, valueSerde);
        if (_repartitioned is null || _name is null)
            _repartitioned = node;
        Graph.Add(_repartitioned);
        return (_repartitioned, SourceSet.Of(_repartitioned.Name));
    }

    private KTable<TKey, TAggregate> Aggregate<TAggregate>(
        string prefix,
        Aggregation<TKey, TValue, TAggregate> aggregation,
        Materialized<TKey, TAggregate>? materialized,
        ISerde<TAggregate>? valueSerde,
        string? named)
    {
        var storeName = materialized?.StoreName ?? Graph.NextStoreName(prefix);
        var name = Graph.Name(named, prefix);
        var where = $"the store '{storeName}'";
        var keys = Graph.Serdes.Find(materialized?.KeySerde ?? KeySerde, "keys", where, "Materialized.WithKeySerde");
        var values = Graph.Serdes.Find(materialized?.ValueSerde ?? valueSerde, "values", where, "Materialized.WithValueSerde");
        var (parent, sources) = Keyed(storeName);
        var store = TableStores.Of(storeName, keys, values, materialized);
        var source = new StoredTable<TKey, TAggregate>(storeName, materialized?.HistoryRetention is not null);
        var node = Graph.Add(new(name, [parent], (t, parents) =>
        {
            var sendsOld = source.SendsOldValues;
            t.AddNode(name, parents, () => new AggregateNode<TKey, TValue, TAggregate>(name, storeName, sendsOld, aggregation))
                .AddStateStore(store, name);
        })
        {
            IsVersioned = source.IsVersioned,
        });
        return new(Graph, node, source, keys, values, sources, materialized?.StoreName);
    }
}
