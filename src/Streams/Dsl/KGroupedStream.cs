using Streams.Dsl;
using Streams.Processing;

namespace Streams;

/// <summary>A stream grouped by its key. Records without a key or a value belong to no group and are dropped.</summary>
public sealed class KGroupedStream<TKey, TValue>
{
    private readonly DslGraph _graph;
    private readonly string _parent;
    private readonly ISerde<TKey>? _keySerde;
    private readonly ISerde<TValue>? _valueSerde;
    private readonly bool _repartition;
    private readonly string? _name;
    private string? _repartitioned;

    internal KGroupedStream(
        DslGraph graph, string parent, ISerde<TKey>? keySerde, ISerde<TValue>? valueSerde, bool repartition, string? name)
    {
        (_graph, _parent, _keySerde, _valueSerde, _repartition, _name) = (graph, parent, keySerde, valueSerde, repartition, name);
    }

    /// <summary>How many records each key has had.</summary>
    public KTable<TKey, long> Count(Materialized<TKey, long>? materialized = null, string? named = null) =>
        Aggregate("KSTREAM-AGGREGATE-", new Counting<TKey, TValue>(), materialized, Serdes.Int64, named);

    /// <summary>Each key's values made into one, two at a time. A result of null deletes the key.</summary>
    /// <param name="reducer">Takes the value so far and a record's value. A key's first value is taken as it is.</param>
    /// <param name="materialized">The store.</param>
    /// <param name="named">The node's name.</param>
    public KTable<TKey, TValue> Reduce(Func<TValue, TValue, TValue> reducer, Materialized<TKey, TValue>? materialized = null, string? named = null)
    {
        ArgumentNullException.ThrowIfNull(reducer);
        return Aggregate("KSTREAM-REDUCE-", new Reducing<TKey, TValue>(reducer), materialized, _valueSerde, named);
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

    /// <summary>The groups cut into windows of time.</summary>
    public TimeWindowedKStream<TKey, TValue> WindowedBy(TimeWindows windows)
    {
        ArgumentNullException.ThrowIfNull(windows);
        return new(_graph, this, windows, _keySerde, _valueSerde);
    }

    /// <summary>The node to aggregate after: behind a repartition topic where the key changed.</summary>
    internal string ParentFor(string storeName)
    {
        if (!_repartition)
            return _parent;

        var where = $"the repartition topic of '{_name ?? storeName}'";
        var keySerde = _graph.Serdes.Find(_keySerde, "keys", where, "Grouped.With");
        var valueSerde = _graph.Serdes.Find(_valueSerde, "values", where, "Grouped.With");

        // A topic that the user named serves every aggregation of these groups; otherwise each has its own, named after its store.
        return _name is null
            ? _graph.Repartition(_parent, storeName, keySerde, valueSerde)
            : _repartitioned ??= _graph.Repartition(_parent, _name, keySerde, valueSerde);
    }

    private KTable<TKey, TAggregate> Aggregate<TAggregate>(
        string prefix,
        Aggregation<TKey, TValue, TAggregate> aggregation,
        Materialized<TKey, TAggregate>? materialized,
        ISerde<TAggregate>? valueSerde,
        string? named)
    {
        var storeName = materialized?.StoreName ?? _graph.NextStoreName(prefix);
        var name = _graph.Name(named, prefix);
        var where = $"the store '{storeName}'";
        var keys = _graph.Serdes.Find(materialized?.KeySerde ?? _keySerde, "keys", where, "Materialized.WithKeySerde");
        var values = _graph.Serdes.Find(materialized?.ValueSerde ?? valueSerde, "values", where, "Materialized.WithValueSerde");
        var parent = ParentFor(storeName);
        var store = Stores.TimestampedKeyValue(storeName, keys, values);
        _graph.Add(t => t
            .AddNode(name, [parent], () => new AggregateNode<TKey, TValue, TAggregate>(name, storeName, aggregation))
            .AddStateStore(materialized?.Apply(store) ?? store, name));
        return new(_graph, name, storeName, keys, values, stored: true);
    }
}
