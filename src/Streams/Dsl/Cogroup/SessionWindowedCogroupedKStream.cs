using Streams.Dsl;

namespace Streams;

/// <summary>Streams that are aggregated together, cut into sessions: a record of any stream extends a key's session.</summary>
public sealed class SessionWindowedCogroupedKStream<TKey, TAggregate>
{
    private readonly Cogroup<TKey, TAggregate> _cogroup;
    private readonly SessionWindows _windows;

    internal SessionWindowedCogroupedKStream(Cogroup<TKey, TAggregate> cogroup, SessionWindows windows) => (_cogroup, _windows) = (cogroup, windows);

    /// <summary>Each session's records, of all streams, made into one value. A result of null deletes.</summary>
    /// <param name="initializer">Makes the value before a session's first record.</param>
    /// <param name="merger">Takes key and the values of two sessions that become one; returns a new value. The first of them starts out as a new initial value.</param>
    /// <param name="materialized">The store.</param>
    /// <param name="named">What the nodes are named after: one for each stream, and one behind them.</param>
    public KTable<Windowed<TKey>, TAggregate> Aggregate(
        Func<TAggregate> initializer,
        Func<TKey, TAggregate, TAggregate, TAggregate> merger,
        Materialized<TKey, TAggregate>? materialized = null,
        string? named = null)
    {
        ArgumentNullException.ThrowIfNull(initializer);
        ArgumentNullException.ThrowIfNull(merger);
        var storeName = _cogroup.StoreName(materialized?.StoreName);
        var store = WindowedStore<TKey, TAggregate>.For(_cogroup.Graph, storeName, materialized, _cogroup.KeySerde, null);
        var window = new CogroupedWindow<TKey, TAggregate>(storeName, initializer, merger, store.RetentionMs(_windows));
        var table = new SessionTable<TKey, TAggregate>(storeName);
        var (node, sources) = _cogroup.Add<Windowed<TKey>>(
            store.Of(_windows, EmitStrategy.OnWindowUpdate),
            (stream, name) => stream.Node(window, name, table.SendsOldValues, _windows),
            _windows.GapMs + _windows.GraceMs,
            named);
        return store.Table(_cogroup.Graph, node, table, new SessionWindowedSerde<TKey>(store.Keys), sources);
    }
}
