using Streams.Dsl;

namespace Streams;

/// <summary>
/// Grouped streams that are aggregated into one table, each by an aggregator of its own: a join of many that keeps one store (KIP-150). Records
/// without a key or a value are dropped.
/// </summary>
public sealed class CogroupedKStream<TKey, TAggregate>
{
    private readonly Cogroup<TKey, TAggregate> _cogroup;

    internal CogroupedKStream(Cogroup<TKey, TAggregate> cogroup) => _cogroup = cogroup;

    /// <summary>The same, with one stream more.</summary>
    /// <param name="groups">The stream, grouped by keys of the same type. A stream that takes part already gets the new aggregator.</param>
    /// <param name="aggregator">Takes key, a record's value, and the value so far; returns a new value (do not change the old one).</param>
    public CogroupedKStream<TKey, TAggregate> Cogroup<TValue>(
        KGroupedStream<TKey, TValue> groups, Func<TKey, TValue, TAggregate, TAggregate> aggregator)
    {
        ArgumentNullException.ThrowIfNull(groups);
        ArgumentNullException.ThrowIfNull(aggregator);
        return new(_cogroup.With(new CogroupedStream<TKey, TValue, TAggregate>(groups, aggregator)));
    }

    /// <summary>The streams cut into windows of time.</summary>
    public TimeWindowedCogroupedKStream<TKey, TAggregate> WindowedBy(Windows windows)
    {
        ArgumentNullException.ThrowIfNull(windows);
        return new(_cogroup, windows);
    }

    /// <summary>The streams cut into sessions.</summary>
    public SessionWindowedCogroupedKStream<TKey, TAggregate> WindowedBy(SessionWindows windows)
    {
        ArgumentNullException.ThrowIfNull(windows);
        return new(_cogroup, windows);
    }

    /// <summary>Each key's records, of all streams, made into one value. A result of null deletes the key.</summary>
    /// <param name="initializer">Makes the value before a key's first record.</param>
    /// <param name="materialized">The store.</param>
    /// <param name="named">What the nodes are named after: one for each stream, and one behind them.</param>
    public KTable<TKey, TAggregate> Aggregate(
        Func<TAggregate> initializer, Materialized<TKey, TAggregate>? materialized = null, string? named = null)
    {
        ArgumentNullException.ThrowIfNull(initializer);
        var storeName = _cogroup.StoreName(materialized?.StoreName);
        var where = $"the store '{storeName}'";
        var keys = _cogroup.Graph.Serdes.Find(materialized?.KeySerde ?? _cogroup.KeySerde, "keys", where, "Materialized.WithKeySerde");
        var values = _cogroup.Graph.Serdes.Find(materialized?.ValueSerde, "values", where, "Materialized.WithValueSerde");
        var store = (materialized ?? new()).Apply(Stores.TimestampedKeyValue(storeName, keys, values));
        var table = new StoredTable<TKey, TAggregate>(storeName, versioned: false);
        var (node, sources) = _cogroup.Add<TKey>(
            store, (stream, name) => stream.Node(name, storeName, initializer, table.SendsOldValues), graceMs: null, named);
        return new(_cogroup.Graph, node, table, keys, values, sources, materialized?.StoreName);
    }
}
