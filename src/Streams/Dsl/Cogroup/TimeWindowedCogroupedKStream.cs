using Streams.Dsl;

namespace Streams;

/// <summary>Streams that are aggregated together, cut into windows.</summary>
public sealed class TimeWindowedCogroupedKStream<TKey, TAggregate>
{
    private readonly Cogroup<TKey, TAggregate> _cogroup;
    private readonly Windows _windows;

    internal TimeWindowedCogroupedKStream(Cogroup<TKey, TAggregate> cogroup, Windows windows) => (_cogroup, _windows) = (cogroup, windows);

    /// <summary>Each key's records in each window, of all streams, made into one value. A result of null deletes.</summary>
    /// <param name="initializer">Makes the value before a window's first record.</param>
    /// <param name="materialized">The store.</param>
    /// <param name="named">What the nodes are named after: one for each stream, and one behind them.</param>
    public KTable<Windowed<TKey>, TAggregate> Aggregate(
        Func<TAggregate> initializer, Materialized<TKey, TAggregate>? materialized = null, string? named = null)
    {
        ArgumentNullException.ThrowIfNull(initializer);
        var storeName = _cogroup.StoreName(materialized?.StoreName);
        var store = WindowedStore<TKey, TAggregate>.For(_cogroup.Graph, storeName, materialized, _cogroup.KeySerde, null);
        var window = new CogroupedWindow<TKey, TAggregate>(storeName, initializer, null, store.RetentionMs(_windows));
        var table = new WindowTable<TKey, TAggregate>(storeName);
        var (node, sources) = _cogroup.Add<Windowed<TKey>>(
            store.Of(_windows, EmitStrategy.OnWindowUpdate),
            (stream, name) => stream.Node(window, name, table.SendsOldValues, _windows),
            _windows.GraceMs,
            named);
        return store.Table(_cogroup.Graph, node, table, new WindowedSerde<TKey>(store.Keys, _windows.SizeMs), sources);
    }
}
