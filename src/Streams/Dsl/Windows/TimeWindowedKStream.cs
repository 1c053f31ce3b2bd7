using Streams.Dsl;
using Streams.Processing;

namespace Streams;

/// <summary>
/// A grouped stream cut into windows. Records without a key are dropped; a record without a value counts, except for
/// <see cref="SlidingWindows"/>, which drop it.
/// </summary>
public sealed class TimeWindowedKStream<TKey, TValue>
{
    private readonly KGroupedStream<TKey, TValue> _groups;
    private readonly Windows _windows;
    private readonly EmitStrategy _emit;

    internal TimeWindowedKStream(KGroupedStream<TKey, TValue> groups, Windows windows, EmitStrategy emit = default) =>
        (_groups, _windows, _emit) = (groups, windows, emit);

    /// <summary>The same, with results sent at other moments.</summary>
    /// <exception cref="TopologyException">Final results are asked for of windows that never close.</exception>
    public TimeWindowedKStream<TKey, TValue> EmitStrategy(EmitStrategy strategy)
    {
        if (strategy == Streams.EmitStrategy.OnWindowClose && !_windows.Close)
            throw new TopologyException("Unlimited windows never close, so they have no final results. Emit on update, or take windows that end.");
        return new(_groups, _windows, strategy);
    }

    /// <summary>How many records each key has had in each window.</summary>
    public KTable<Windowed<TKey>, long> Count(Materialized<TKey, long>? materialized = null, string? named = null)
    {
        // Kafka Streams uses up a number here that names nothing, but not for sliding windows.
        if (materialized is { StoreName: null } && _windows is not SlidingWindows)
            _groups.Graph.NextStoreName("KSTREAM-AGGREGATE-");
        return Aggregate("KSTREAM-AGGREGATE-", new Counting<TKey, TValue>(), materialized, Serdes.Int64, named);
    }

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
        var graph = _groups.Graph;
        var storeName = materialized?.StoreName ?? graph.NextStoreName(prefix);
        var name = graph.Name(named, prefix);
        var store = WindowedStore<TKey, TAggregate>.For(graph, storeName, materialized, _groups.KeySerde, valueSerde);
        var builder = store.Of(_windows, _emit);
        var table = new WindowTable<TKey, TAggregate>(storeName);
        var (parent, sources) = _groups.Keyed(storeName);
        var node = graph.Add(new(name, [parent], (t, parents) =>
        {
            var aggregate = new WindowedAggregate<TKey, TValue, TAggregate>(
                name, storeName, aggregation, _emit, store.RetentionMs(_windows), table.SendsOldValues);
            t.AddNode(name, parents, () => _windows.Node(aggregate)).AddStateStore(builder, name);
        })
        {
            GraceMs = _windows.GraceMs,
        });
        return store.Table(graph, node, table, new WindowedSerde<TKey>(store.Keys, _windows.SizeMs), sources);
    }
}
