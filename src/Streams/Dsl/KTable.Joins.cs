using Streams.Dsl;
using Streams.Processing;

namespace Streams;

/// <content>Joins of tables with the same key.</content>
public sealed partial class KTable<TKey, TValue>
{
    /// <summary>The keys that both tables have, with a value made of both. Follows the changes of either table.</summary>
    /// <param name="other">The other table; its topic has as many partitions as this one's.</param>
    /// <param name="joiner">Makes the result of this table's value and the other's.</param>
    /// <param name="materialized">Keeps the result in a store; without, it is worked out from the two tables' stores whenever it is read.</param>
    /// <param name="named">The node's name.</param>
    public KTable<TKey, TResult> Join<TOther, TResult>(
        KTable<TKey, TOther> other,
        Func<TValue, TOther, TResult> joiner,
        Materialized<TKey, TResult>? materialized = null,
        string? named = null) =>
        JoinTo(other, joiner, new JoinSides(ThisOptional: false, OtherOptional: false), materialized, named);

    /// <summary>The keys that this table has; where the other has none, the joiner gets null (default for value types) in its place.</summary>
    /// <inheritdoc cref="Join{TOther, TResult}(KTable{TKey, TOther}, Func{TValue, TOther, TResult}, Materialized{TKey, TResult}, string)"/>
    public KTable<TKey, TResult> LeftJoin<TOther, TResult>(
        KTable<TKey, TOther> other,
        Func<TValue, TOther?, TResult> joiner,
        Materialized<TKey, TResult>? materialized = null,
        string? named = null) =>
        JoinTo(other, joiner!, new JoinSides(ThisOptional: false, OtherOptional: true), materialized, named);

    /// <summary>The keys that either table has; the joiner gets null (default for value types) in place of the value that is missing.</summary>
    /// <inheritdoc cref="Join{TOther, TResult}(KTable{TKey, TOther}, Func{TValue, TOther, TResult}, Materialized{TKey, TResult}, string)"/>
    public KTable<TKey, TResult> OuterJoin<TOther, TResult>(
        KTable<TKey, TOther> other,
        Func<TValue?, TOther?, TResult> joiner,
        Materialized<TKey, TResult>? materialized = null,
        string? named = null) =>
        JoinTo(other, joiner!, new JoinSides(ThisOptional: true, OtherOptional: true), materialized, named);

    private KTable<TKey, TResult> JoinTo<TOther, TResult>(
        KTable<TKey, TOther> other,
        Func<TValue, TOther, TResult> joiner,
        JoinSides sides,
        Materialized<TKey, TResult>? materialized,
        string? named)
    {
        ArgumentNullException.ThrowIfNull(other);
        ArgumentNullException.ThrowIfNull(joiner);
        var storeName = materialized is null ? null : materialized.StoreName ?? Graph.NextStoreName("KTABLE-MERGE-");
        var mergeName = Graph.Name(named, "KTABLE-MERGE-");
        var sources = Graph.EnsureCopartitioned(Sources, other.Sources);

        // Whether a side without a partner is a result depends on whether it was one before.
        if (sides.OtherOptional)
            Source.EnableSendingOldValues(forceMaterialization: true);
        if (sides.ThisOptional)
            other.Source.EnableSendingOldValues(forceMaterialization: true);

        var thisName = Graph.Name(named is null ? null : $"{named}-join-this", "KTABLE-JOINTHIS-");
        var otherName = Graph.Name(named is null ? null : $"{named}-join-other", "KTABLE-JOINOTHER-");
        var (left, right) = (Source, other.Source);
        var (leftStores, rightStores) = (left.GetterStores, right.GetterStores);
        var result = new JoinedTable<TKey, TValue, TOther, TResult>(
            left, right, storeName, materialized?.HistoryRetention is not null, joiner, sides);

        var keySerde = materialized?.KeySerde ?? KeySerde;
        var store = storeName is null ? null : StoreOf(storeName, keySerde, materialized!.ValueSerde, materialized);
        var (leftNode, rightNode) = (Node, other.Node);
        TResult Reversed(TOther theirs, TValue mine) => joiner(mine, theirs);
        var node = Graph.Add(new(mergeName, [leftNode, rightNode], (t, _) =>
        {
            var (sendsOld, leftVersioned, rightVersioned) = (result.SendsOldValues, left.IsVersioned, right.IsVersioned);
            t.AddNode(thisName, [leftNode.Name], () => new TableTableJoinNode<TKey, TValue, TOther, TResult>(
                thisName, right.CreateGetter(), joiner, sides, leftVersioned, sendsOld));
            t.AddNode(otherName, [rightNode.Name], () => new TableTableJoinNode<TKey, TOther, TValue, TResult>(
                otherName, left.CreateGetter(), Reversed, sides.Reversed, rightVersioned, sendsOld));
            t.AddNode(mergeName, [thisName, otherName], () => new TableJoinMergeNode<TKey, TResult>(mergeName, storeName, sendsOld));
            t.ConnectProcessorAndStateStores(thisName, [.. rightStores]);
            t.ConnectProcessorAndStateStores(otherName, [.. leftStores]);
            if (store is not null)
                t.AddStateStore(store, mergeName);
        })
        {
            IsVersioned = result.IsVersioned,
        });
        return new(Graph, node, result, keySerde, materialized?.ValueSerde, sources, materialized?.StoreName);
    }
}
