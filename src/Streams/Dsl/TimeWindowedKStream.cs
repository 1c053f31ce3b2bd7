using Streams.Dsl;
using Streams.Processing;

namespace Streams;

/// <summary>A grouped stream cut into windows. Records without a key are dropped; a record without a value counts.</summary>
public sealed class TimeWindowedKStream<TKey, TValue>
{
    private readonly KGroupedStream<TKey, TValue> _groups;
    private readonly TimeWindows _windows;

    internal TimeWindowedKStream(KGroupedStream<TKey, TValue> groups, TimeWindows windows) => (_groups, _windows) = (groups, windows);

    private DslGraph Graph => _groups.Graph;

    /// <summary>How many records each key has had in each window.</summary>
    public KTable<Windowed<TKey>, long> Count(Materialized<TKey, long>? materialized = null, string? named = null) =>
        Aggregate("KSTREAM-AGGREGATE-", new Counting<TKey, TValue>(), materialized, Serdes.Int64, named);

    /// <summary>Each key's values in each window made into one, two at a time. A result of null deletes.</summary>
    /// <param name="reducer">Takes the value so far and a record's value. A window's first value is taken as it is.</param>
    /// <param name="materialized">The store.</param>
    /// <param name="named">The node's name.</param>
    public KTable<Windowed<TKey>, TValue> Reduce(
        Func<TValue, TValue, TValue> reducer, Materialized<TKey, TValue>? materialized = null, string? named = null)
    {
        ArgumentNullException.ThrowIfNull(reducer);
        return Aggregate("KSTREAM-REDUCE-", new Reducing<TKey, TValue>(reducer), materialized, _groups.ValueSerde, named);
    }

    /// <summary>Each key's records in each window made into a value of another type. A result of null deletes.</summary>
    /// <param name="initializer">Makes the value before a window's first record.</param>
    /// <param name="aggregator">Takes key, record's value, and the value so far; returns a new value (do not change the old one).</param>
    /// <param name="materialized">The store.</param>
    /// <param name="named">The node's name.</param>
    public KTable<Windowed<TKey>, TAggregate> Aggregate<TAggregate>(
        Func<TAggregate> initializer,
        Func<TKey, TValue, TAggregate, TAggregate> aggregator,
        Materialized<TKey, TAggregate>? materialized = null,
        string? named = null)
    {
        ArgumentNullException.ThrowIfNull(initializer);
        ArgumentNullException.ThrowIfNull(aggregator);
        return Aggregate("KSTREAM-AGGREGATE-", new Aggregating<TKey, TValue, TAggregate>(initializer, aggregator), materialized, null, named);
    }

    private KTable<Windowed<TKey>, TAggregate> Aggregate<TAggregate>(
        string prefix,
        Aggregation<TKey, TValue, TAggregate> aggregation,
        Materialized<TKey, TAggregate>? materialized,
        ISerde<TAggregate>? valueSerde,
        string? named)
    {
        var storeName = materialized?.StoreName ?? Graph.NextStoreName(prefix);
        var name = Graph.Name(named, prefix);
        var where = $"the store '{storeName}'";
        var keys = Graph.Serdes.Find(materialized?.KeySerde ?? _groups.KeySerde, "keys", where, "Materialized.WithKeySerde");
        var values = Graph.Serdes.Find(materialized?.ValueSerde ?? valueSerde, "values", where, "Materialized.WithValueSerde");
        var kept = _windows.Size + _windows.Grace;
        if (materialized?.Retention is { } given && given < kept)
        {
            throw new TopologyException(
                $"Store '{storeName}' would drop windows that still take records: its retention ({given}) is below size plus grace ({kept}).");
        }

        var (parent, sources) = _groups.Keyed(storeName);
        var plain = Stores.TimestampedWindow(storeName, keys, values, materialized?.Retention ?? kept, _windows.Size);
        var store = materialized?.Apply(plain) ?? plain;
        var node = Graph.Add(new(name, [parent], (t, parents) => t
            .AddNode(name, parents, () => new WindowedAggregateNode<TKey, TValue, TAggregate>(name, storeName, _windows, aggregation))
            .AddStateStore(store, name)));
        var source = new StoredTable<Windowed<TKey>, TAggregate>(storeName, versioned: false);
        return new(Graph, node, source, Serdes.Windowed(keys, _windows.Size), values, sources, materialized?.StoreName);
    }
}
