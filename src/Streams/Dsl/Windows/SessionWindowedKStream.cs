using Streams.Dsl;
using Streams.Processing;

namespace Streams;

/// <summary>
/// A grouped stream cut into sessions. Records without a key are dropped; a record without a value counts. Where a record extends or joins
/// sessions, the table deletes those and gets a new one.
/// </summary>
public sealed class SessionWindowedKStream<TKey, TValue>
{
    private readonly KGroupedStream<TKey, TValue> _groups;
    private readonly SessionWindows _windows;
    private readonly EmitStrategy _emit;

    internal SessionWindowedKStream(KGroupedStream<TKey, TValue> groups, SessionWindows windows, EmitStrategy emit = default) =>
        (_groups, _windows, _emit) = (groups, windows, emit);

    /// <summary>The same, with results sent at other moments.</summary>
    public SessionWindowedKStream<TKey, TValue> EmitStrategy(EmitStrategy strategy) => new(_groups, _windows, strategy);

    /// <summary>How many records each session has had.</summary>
    public KTable<Windowed<TKey>, long> Count(Materialized<TKey, long>? materialized = null, string? named = null)
    {
        // Kafka Streams uses up a number here that names nothing.
        if (materialized is { StoreName: null })
            _groups.Graph.NextStoreName("KSTREAM-AGGREGATE-");
        return Aggregate("KSTREAM-AGGREGATE-", new Counting<TKey, TValue>(), materialized, Serdes.Int64, named);
    }

    /// <summary>Each session's values made into one, two at a time. A result of null deletes.</summary>
    /// <param name="reducer">Takes the value so far and a record's value, or the values of two sessions that become one, the earlier first.</param>
    /// <param name="materialized">The store.</param>
    /// <param name="named">The node's name.</param>
    public KTable<Windowed<TKey>, TValue> Reduce(
        Func<TValue, TValue, TValue> reducer, Materialized<TKey, TValue>? materialized = null, string? named = null)
    {
        ArgumentNullException.ThrowIfNull(reducer);
        return Aggregate("KSTREAM-REDUCE-", new Reducing<TKey, TValue>(reducer), materialized, _groups.ValueSerde, named);
    }

    /// <summary>Each session's records made into a value of another type. A result of null deletes.</summary>
    /// <param name="initializer">Makes the value before a session's first record.</param>
    /// <param name="aggregator">Takes key, record's value, and the value so far; returns a new value (do not change the old one).</param>
    /// <param name="merger">
    /// Takes key and the values of two sessions that become one; returns a new value. The first of them starts out as a new initial value.
    /// </param>
    /// <param name="materialized">The store.</param>
    /// <param name="named">The node's name.</param>
    public KTable<Windowed<TKey>, TAggregate> Aggregate<TAggregate>(
        Func<TAggregate> initializer,
        Func<TKey, TValue, TAggregate, TAggregate> aggregator,
        Func<TKey, TAggregate, TAggregate, TAggregate> merger,
        Materialized<TKey, TAggregate>? materialized = null,
        string? named = null)
    {
        ArgumentNullException.ThrowIfNull(initializer);
        ArgumentNullException.ThrowIfNull(aggregator);
        ArgumentNullException.ThrowIfNull(merger);
        return Aggregate(
            "KSTREAM-AGGREGATE-", new Aggregating<TKey, TValue, TAggregate>(initializer, aggregator, merger), materialized, null, named);
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
        var table = new SessionTable<TKey, TAggregate>(storeName);
        var (parent, sources) = _groups.Keyed(storeName);
        var node = graph.Add(new(name, [parent], (t, parents) =>
        {
            var aggregate = new WindowedAggregate<TKey, TValue, TAggregate>(
                name, storeName, aggregation, _emit, store.RetentionMs(_windows), table.SendsOldValues);
            t.AddNode(name, parents, () => new SessionWindowAggregateNode<TKey, TValue, TAggregate>(aggregate, _windows)).AddStateStore(builder, name);
        })
        {
            GraceMs = _windows.GapMs + _windows.GraceMs,
        });
        return store.Table(graph, node, table, new SessionWindowedSerde<TKey>(store.Keys), sources);
    }
}
