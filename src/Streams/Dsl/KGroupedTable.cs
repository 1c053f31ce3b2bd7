using Streams.Dsl;
using Streams.Processing;

namespace Streams;

/// <summary>A table's rows in groups. When a row changes, its old value is taken out of its group and its new value put into its group.</summary>
public sealed class KGroupedTable<TGroup, TRow>
{
    private readonly DslGraph _graph;
    private readonly GraphNode _node;
    private readonly Grouped<TGroup, TRow>? _grouped;
    private GraphNode? _repartitioned;

    internal KGroupedTable(DslGraph graph, GraphNode node, Grouped<TGroup, TRow>? grouped) => (_graph, _node, _grouped) = (graph, node, grouped);

    /// <summary>How many rows each group has. A group whose rows have all gone stays, with 0.</summary>
    public KTable<TGroup, long> Count(Materialized<TGroup, long>? materialized = null, string? named = null) =>
        Aggregate("KTABLE-AGGREGATE-", new TableCounting<TGroup, TRow>(), materialized, Serdes.Int64, named);

    /// <summary>Each group's rows made into one value of their type. A result of null deletes the group.</summary>
    /// <param name="adder">Takes the group's value and that of a row that joins it. A group's first row is taken as it is.</param>
    /// <param name="subtractor">Takes the group's value and that of a row that leaves it.</param>
    /// <param name="materialized">The store.</param>
    /// <param name="named">The node's name.</param>
    public KTable<TGroup, TRow> Reduce(
        Func<TRow, TRow, TRow> adder, Func<TRow, TRow, TRow> subtractor, Materialized<TGroup, TRow>? materialized = null, string? named = null)
    {
        ArgumentNullException.ThrowIfNull(adder);
        ArgumentNullException.ThrowIfNull(subtractor);
        return Aggregate("KTABLE-REDUCE-", new TableReducing<TGroup, TRow>(adder, subtractor), materialized, _grouped?.ValueSerde, named);
    }

    /// <summary>Each group's rows made into a value of another type. A result of null deletes the group.</summary>
    /// <param name="initializer">Makes the value of a group without rows.</param>
    /// <param name="adder">Takes group, value of a row that joins it, and the group's value; returns a new value (do not change the old one).</param>
    /// <param name="subtractor">Takes group, value of a row that leaves it, and the group's value; returns a new value.</param>
    /// <param name="materialized">The store.</param>
    /// <param name="named">The node's name.</param>
    public KTable<TGroup, TAggregate> Aggregate<TAggregate>(
        Func<TAggregate> initializer,
        Func<TGroup, TRow, TAggregate, TAggregate> adder,
        Func<TGroup, TRow, TAggregate, TAggregate> subtractor,
        Materialized<TGroup, TAggregate>? materialized = null,
        string? named = null)
    {
        ArgumentNullException.ThrowIfNull(initializer);
        ArgumentNullException.ThrowIfNull(adder);
        ArgumentNullException.ThrowIfNull(subtractor);
        return Aggregate(
            "KTABLE-AGGREGATE-", new TableAggregating<TGroup, TRow, TAggregate>(initializer, adder, subtractor), materialized, null, named);
    }

    private KTable<TGroup, TAggregate> Aggregate<TAggregate>(
        string prefix,
        TableAggregation<TGroup, TRow, TAggregate> aggregation,
        Materialized<TGroup, TAggregate>? materialized,
        ISerde<TAggregate>? valueSerde,
        string? named)
    {
        // A reduction's store is called an aggregation's too, as in Kafka Streams.
        var storeName = materialized?.StoreName ?? _graph.NextStoreName("KTABLE-AGGREGATE-");
        var sinkName = _graph.Name(named is null ? null : $"{named}-sink", "KSTREAM-SINK-");
        var sourceName = _graph.Name(named is null ? null : $"{named}-source", "KSTREAM-SOURCE-");
        var name = _graph.Name(named, prefix);
        var where = $"the store '{storeName}'";
        var keys = _graph.Serdes.Find(materialized?.KeySerde ?? _grouped?.KeySerde, "keys", where, "Materialized.WithKeySerde");
        var values = _graph.Serdes.Find(materialized?.ValueSerde ?? valueSerde, "values", where, "Materialized.WithValueSerde");
        var store = TableStores.Of(storeName, keys, values, materialized);
        var versioned = materialized?.HistoryRetention is not null;
        var source = new StoredTable<TGroup, TAggregate>(storeName, versioned);

        // A topic that the user named serves every aggregation of these groups; otherwise each has its own, named after its store.
        _repartitioned = _graph.Add(_repartitioned is null || _grouped?.Name is null
            ? Repartition($"{_grouped?.Name ?? storeName}-repartition", sinkName, sourceName)
            : _repartitioned);
        var node = _graph.Add(new(name, [_repartitioned], (t, parents) =>
        {
            var sendsOld = source.SendsOldValues;
            t.AddNode(name, parents, () => new TableAggregateNode<TGroup, TRow, TAggregate>(name, storeName, sendsOld, aggregation))
                .AddStateStore(store, name);
        })
        {
            IsVersioned = versioned,
        });
        return new(_graph, node, source, keys, values, SourceSet.Of(_repartitioned.Name), materialized?.StoreName);
    }

    private GraphNode Repartition(string topic, string sink, string source)
    {
        var where = $"the repartition topic '{topic}'";
        var keySerde = _graph.Serdes.Find(_grouped?.KeySerde, "keys", where, "Grouped.With");
        var valueSerde = new ChangeSerde<TRow>(_graph.Serdes.Find(_grouped?.ValueSerde, "values", where, "Grouped.With"));
        return new(source, [_node], (t, parents) =>
        {
            t.AddInternalTopic(topic);
            t.AddSink(sink, topic, keySerde, valueSerde, [.. parents]);
            t.AddSource(source, keySerde, valueSerde, topic);
        });
    }
}
