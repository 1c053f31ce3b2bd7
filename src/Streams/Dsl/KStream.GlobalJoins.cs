using Streams.Processing;

namespace Streams;

/// <content>Joins with global tables.</content>
public sealed partial class KStream<TKey, TValue>
{
    /// <summary>
    /// Each record with the value that <paramref name="table"/> has for a key made of the record. Every instance holds all of a global table, so that
    /// neither key nor number of partitions need agree.
    /// </summary>
    /// <remarks>
    /// Results keep the records' keys and times; a change of the table gives none. Records without a value, and records for which the mapper gives null or
    /// a key that the table does not have, give nothing; a record without a key of its own is joined like any other.
    /// </remarks>
    /// <param name="table">The table.</param>
    /// <param name="keyMapper">Gives the table's key for a record; null for none.</param>
    /// <param name="joiner">Makes a result of a record's value and the table's.</param>
    /// <param name="named">The node's name.</param>
    public KStream<TKey, TResult> Join<TTableKey, TTable, TResult>(
        GlobalKTable<TTableKey, TTable> table, Func<TKey, TValue, TTableKey?> keyMapper, Func<TValue, TTable, TResult> joiner, string? named = null)
    {
        ArgumentNullException.ThrowIfNull(joiner);
        return JoinGlobal(table, keyMapper, (_, value, other) => joiner(value, other), named, leftJoin: false);
    }

    /// <inheritdoc cref="Join{TTableKey, TTable, TResult}(GlobalKTable{TTableKey, TTable}, Func{TKey, TValue, TTableKey}, Func{TValue, TTable, TResult}, string)"/>
    public KStream<TKey, TResult> Join<TTableKey, TTable, TResult>(
        GlobalKTable<TTableKey, TTable> table,
        Func<TKey, TValue, TTableKey?> keyMapper,
        Func<TKey, TValue, TTable, TResult> joiner,
        string? named = null) =>
        JoinGlobal(table, keyMapper, joiner, named, leftJoin: false);

    /// <summary>
    /// Each record with the value that <paramref name="table"/> has for a key made of the record, or without one (null or default) where it has none or the
    /// mapper gives null.
    /// </summary>
    /// <remarks>Results keep the records' keys and times; a change of the table gives none. Records without a value give nothing.</remarks>
    /// <param name="table">The table.</param>
    /// <param name="keyMapper">Gives the table's key for a record; null for none.</param>
    /// <param name="joiner">Makes a result of a record's value and the table's, which may be absent.</param>
    /// <param name="named">The node's name.</param>
    public KStream<TKey, TResult> LeftJoin<TTableKey, TTable, TResult>(
        GlobalKTable<TTableKey, TTable> table, Func<TKey, TValue, TTableKey?> keyMapper, Func<TValue, TTable?, TResult> joiner, string? named = null)
    {
        ArgumentNullException.ThrowIfNull(joiner);
        return JoinGlobal(table, keyMapper, (_, value, other) => joiner(value, other), named, leftJoin: true);
    }

    /// <inheritdoc cref="LeftJoin{TTableKey, TTable, TResult}(GlobalKTable{TTableKey, TTable}, Func{TKey, TValue, TTableKey}, Func{TValue, TTable, TResult}, string)"/>
    public KStream<TKey, TResult> LeftJoin<TTableKey, TTable, TResult>(
        GlobalKTable<TTableKey, TTable> table,
        Func<TKey, TValue, TTableKey?> keyMapper,
        Func<TKey, TValue, TTable?, TResult> joiner,
        string? named = null) =>
        JoinGlobal(table, keyMapper, joiner!, named, leftJoin: true);

    private KStream<TKey, TResult> JoinGlobal<TTableKey, TTable, TResult>(
        GlobalKTable<TTableKey, TTable> table,
        Func<TKey, TValue, TTableKey?> keyMapper,
        Func<TKey, TValue, TTable, TResult> joiner,
        string? named,
        bool leftJoin)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(keyMapper);
        ArgumentNullException.ThrowIfNull(joiner);

        // Both kinds have the left join's prefix in Kafka Streams.
        var name = Graph.Name(named, "KSTREAM-LEFTJOIN-");
        var node = Graph.Add(new(name, [Node], (t, parents) => t.AddNode(name, parents, () =>
            new GlobalTableJoinNode<TKey, TValue, TTableKey, TTable, TResult>(name, table.Source.CreateGetter(), keyMapper!, joiner, leftJoin)))
        {
            // Kafka Streams does not say so, and its optimiser may move a repartition topic for results before the join, where their serde does not fit.
            ChangesValue = true,
            TakesNullKeys = leftJoin,
        });
        return new(Graph, node, KeySerde, null, KeyChanged, Sources);
    }
}
