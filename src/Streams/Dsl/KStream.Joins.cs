using Streams.Dsl;
using Streams.Processing;
using Streams.State;

namespace Streams;

/// <content>Joins with streams, tables and global tables.</content>
public sealed partial class KStream<TKey, TValue>
{
    /// <summary>Each pair of records of equal keys, of this stream and of <paramref name="other"/>, whose times lie within the windows.</summary>
    /// <remarks>
    /// A result has the greater of the two times. Records without key or value match nothing and are dropped. Where a key was changed before, that
    /// side goes through a repartition topic; both sides' topics need the same number of partitions.
    /// </remarks>
    /// <param name="other">The right side.</param>
    /// <param name="joiner">Makes a result of a left and a right value.</param>
    /// <param name="windows">How far apart the two may be.</param>
    /// <param name="joined">Names, serdes and stores.</param>
    public KStream<TKey, TResult> Join<TOther, TResult>(
        KStream<TKey, TOther> other, Func<TValue, TOther, TResult> joiner, JoinWindows windows, StreamJoined<TKey, TValue, TOther>? joined = null)
    {
        ArgumentNullException.ThrowIfNull(joiner);
        return Join(other, (_, left, right) => joiner(left, right), windows, joined);
    }

    /// <inheritdoc cref="Join{TOther, TResult}(KStream{TKey, TOther}, Func{TValue, TOther, TResult}, JoinWindows, StreamJoined{TKey, TValue, TOther})"/>
    public KStream<TKey, TResult> Join<TOther, TResult>(
        KStream<TKey, TOther> other, Func<TKey, TValue, TOther, TResult> joiner, JoinWindows windows, StreamJoined<TKey, TValue, TOther>? joined = null) =>
        JoinStream(other, joiner, windows, joined, (false, false));

    /// <summary>
    /// As <see cref="Join{TOther, TResult}(KStream{TKey, TOther}, Func{TValue, TOther, TResult}, JoinWindows, StreamJoined{TKey, TValue, TOther})"/>,
    /// and each left record that finds no partner, with no right value (null or default).
    /// </summary>
    /// <remarks>
    /// A record goes out alone when its window and grace have passed in stream time, not before: results need no correction later. One whose window is
    /// past already when it comes goes out at once where it finds no partner then, and so does a left record without a key. As in Kafka Streams, the
    /// former may still be met by a partner that comes within the grace: the one case in which a result without a right value is followed by one with it.
    /// </remarks>
    /// <param name="other">The right side.</param>
    /// <param name="joiner">Makes a result of a left and a right value; the right one may be absent.</param>
    /// <param name="windows">How far apart the two may be.</param>
    /// <param name="joined">Names, serdes and stores.</param>
    public KStream<TKey, TResult> LeftJoin<TOther, TResult>(
        KStream<TKey, TOther> other, Func<TValue, TOther?, TResult> joiner, JoinWindows windows, StreamJoined<TKey, TValue, TOther>? joined = null)
    {
        ArgumentNullException.ThrowIfNull(joiner);
        return LeftJoin(other, (_, left, right) => joiner(left, right), windows, joined);
    }

    /// <inheritdoc cref="LeftJoin{TOther, TResult}(KStream{TKey, TOther}, Func{TValue, TOther, TResult}, JoinWindows, StreamJoined{TKey, TValue, TOther})"/>
    public KStream<TKey, TResult> LeftJoin<TOther, TResult>(
        KStream<TKey, TOther> other, Func<TKey, TValue, TOther?, TResult> joiner, JoinWindows windows, StreamJoined<TKey, TValue, TOther>? joined = null) =>
        JoinStream(other, joiner!, windows, joined, (true, false));

    /// <summary>
    /// As <see cref="LeftJoin{TOther, TResult}(KStream{TKey, TOther}, Func{TValue, TOther, TResult}, JoinWindows, StreamJoined{TKey, TValue, TOther})"/>,
    /// and each right record that finds no partner, with no left value.
    /// </summary>
    /// <param name="other">The right side.</param>
    /// <param name="joiner">Makes a result of a left and a right value; either may be absent (null or default), not both.</param>
    /// <param name="windows">How far apart the two may be.</param>
    /// <param name="joined">Names, serdes and stores.</param>
    public KStream<TKey, TResult> OuterJoin<TOther, TResult>(
        KStream<TKey, TOther> other, Func<TValue?, TOther?, TResult> joiner, JoinWindows windows, StreamJoined<TKey, TValue, TOther>? joined = null)
    {
        ArgumentNullException.ThrowIfNull(joiner);
        return OuterJoin(other, (_, left, right) => joiner(left, right), windows, joined);
    }

    /// <inheritdoc cref="OuterJoin{TOther, TResult}(KStream{TKey, TOther}, Func{TValue, TOther, TResult}, JoinWindows, StreamJoined{TKey, TValue, TOther})"/>
    public KStream<TKey, TResult> OuterJoin<TOther, TResult>(
        KStream<TKey, TOther> other, Func<TKey, TValue?, TOther?, TResult> joiner, JoinWindows windows, StreamJoined<TKey, TValue, TOther>? joined = null) =>
        JoinStream(other, joiner!, windows, joined, (true, true));

    /// <summary>Each record with the value that <paramref name="table"/> has for its key; records whose key it does not have give nothing.</summary>
    /// <remarks>
    /// Only records of the stream give results; they keep their times. Of a versioned table, a record meets the value of its own time. Records without key
    /// or value are dropped. Stream and table need the same number of partitions; where the key was changed before, the stream goes through a
    /// repartition topic.
    /// </remarks>
    /// <param name="table">The table.</param>
    /// <param name="joiner">Makes a result of a record's value and the table's.</param>
    /// <param name="joined">Names, serdes and the time to wait for late table updates.</param>
    public KStream<TKey, TResult> Join<TTable, TResult>(
        KTable<TKey, TTable> table, Func<TValue, TTable, TResult> joiner, Joined<TKey, TValue, TTable>? joined = null)
    {
        ArgumentNullException.ThrowIfNull(joiner);
        return Join(table, (_, value, other) => joiner(value, other), joined);
    }

    /// <inheritdoc cref="Join{TTable, TResult}(KTable{TKey, TTable}, Func{TValue, TTable, TResult}, Joined{TKey, TValue, TTable})"/>
    public KStream<TKey, TResult> Join<TTable, TResult>(
        KTable<TKey, TTable> table, Func<TKey, TValue, TTable, TResult> joiner, Joined<TKey, TValue, TTable>? joined = null) =>
        JoinTable(table, joiner, joined, leftJoin: false);

    /// <summary>Each record with the value that <paramref name="table"/> has for its key, or without one (null or default) where it has none.</summary>
    /// <inheritdoc cref="Join{TTable, TResult}(KTable{TKey, TTable}, Func{TValue, TTable, TResult}, Joined{TKey, TValue, TTable})"/>
    public KStream<TKey, TResult> LeftJoin<TTable, TResult>(
        KTable<TKey, TTable> table, Func<TValue, TTable?, TResult> joiner, Joined<TKey, TValue, TTable>? joined = null)
    {
        ArgumentNullException.ThrowIfNull(joiner);
        return LeftJoin(table, (_, value, other) => joiner(value, other), joined);
    }

    /// <inheritdoc cref="LeftJoin{TTable, TResult}(KTable{TKey, TTable}, Func{TValue, TTable, TResult}, Joined{TKey, TValue, TTable})"/>
    public KStream<TKey, TResult> LeftJoin<TTable, TResult>(
        KTable<TKey, TTable> table, Func<TKey, TValue, TTable?, TResult> joiner, Joined<TKey, TValue, TTable>? joined = null) =>
        JoinTable(table, joiner!, joined, leftJoin: true);

    private KStream<TKey, TResult> JoinStream<TOther, TResult>(
        KStream<TKey, TOther> other,
        Func<TKey, TValue, TOther, TResult> joiner,
        JoinWindows windows,
        StreamJoined<TKey, TValue, TOther>? joined,
        (bool Left, bool Right) outer)
    {
        ArgumentNullException.ThrowIfNull(other);
        ArgumentNullException.ThrowIfNull(joiner);
        ArgumentNullException.ThrowIfNull(windows);
        return StreamStreamJoin<TKey, TValue, TOther, TResult>.Add(this, other, joiner, windows, joined, outer);
    }

    private KStream<TKey, TResult> JoinTable<TTable, TResult>(
        KTable<TKey, TTable> table, Func<TKey, TValue, TTable, TResult> joiner, Joined<TKey, TValue, TTable>? joined, bool leftJoin)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(joiner);
        joined ??= new();
        var where = $"a join of '{Node.Name}' with table '{table.Node.Name}'";
        if (KeyChanged)
        {
            var repartitioned = Graph.Repartition(
                this,
                joined.Name ?? Node.Name,
                Graph.Serdes.Find(joined.KeySerde ?? KeySerde, "keys", where, "Joined.With"),
                Graph.Serdes.Find(joined.LeftSerde ?? ValueSerde, "values", where, "Joined.With"));
            return repartitioned.JoinTable(table, joiner, joined, leftJoin);
        }

        var sources = Graph.EnsureCopartitioned(Sources, table.Sources);
        var name = Graph.Name(joined.Name, leftJoin ? "KSTREAM-LEFTJOIN-" : "KSTREAM-JOIN-");
        var source = table.Source;
        var buffer = joined.GracePeriod is { } grace ? Buffer(name, grace, joined, source.IsVersioned, where) : null;
        var stores = source.GetterStores;
        var node = Graph.Add(new(name, [Node], (t, parents) =>
        {
            t.AddNode(name, parents, () => new TableJoinNode<TKey, TValue, TTable, TResult>(
                name, source.CreateGetter(), joiner, leftJoin, buffer?.Name));
            t.ConnectProcessorAndStateStores(name, [.. stores]);
            if (buffer is not null)
                t.AddStateStore(buffer, name);
        })
        {
            ChangesValue = true,
            TakesNullKeys = leftJoin,
        });
        return new(Graph, node, joined.KeySerde ?? KeySerde, null, keyChanged: false, sources);
    }

    private StoreBuilder Buffer<TTable>(string name, TimeSpan grace, Joined<TKey, TValue, TTable> joined, bool versioned, string where)
    {
        if (!versioned)
        {
            throw new TopologyException(
                $"{where} has a grace period, for which the table must keep its history: give it a versioned store, with a history of {grace} or more.");
        }

        var keySerde = Graph.Serdes.Find(joined.KeySerde ?? KeySerde, "keys", where, "Joined.With");
        var valueSerde = Graph.Serdes.Find(joined.LeftSerde ?? ValueSerde, "values", where, "Joined.With");
        return GraceBuffer<TKey, TValue>.Store($"{name}-Buffer", keySerde, valueSerde, (long)grace.TotalMilliseconds);
    }
}
