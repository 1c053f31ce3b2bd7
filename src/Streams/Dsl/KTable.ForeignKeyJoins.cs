using Streams.Dsl;
using Streams.Processing;

namespace Streams;

/// <content>Joins on a key that a row's value holds (KIP-213).</content>
public sealed partial class KTable<TKey, TValue>
{
    /// <summary>
    /// The rows whose foreign key the other table has, with a value made of both. Follows the changes of either table: a change on the right reaches
    /// every row that refers to it.
    /// </summary>
    /// <remarks>Goes through two topics of the engine's own, so a result may come a moment after the change that caused it.</remarks>
    /// <param name="other">The table that rows refer to; it may have any number of partitions.</param>
    /// <param name="foreignKey">The key that a row refers to; null where it refers to none.</param>
    /// <param name="joiner">Makes the result of the row's value and the other table's.</param>
    /// <param name="joined">Names and partitioners.</param>
    /// <param name="materialized">Name the result's store to keep one.</param>
    public KTable<TKey, TResult> Join<TForeignKey, TOther, TResult>(
        KTable<TForeignKey, TOther> other,
        Func<TValue, TForeignKey?> foreignKey,
        Func<TValue, TOther, TResult> joiner,
        TableJoined<TKey, TForeignKey>? joined = null,
        Materialized<TKey, TResult>? materialized = null)
    {
        ArgumentNullException.ThrowIfNull(foreignKey);
        return Join(other, (_, value) => foreignKey(value), joiner, joined, materialized);
    }

    /// <summary>As the other, with a foreign key made of a row's key and value (KIP-1104).</summary>
    /// <inheritdoc cref="Join{TForeignKey, TOther, TResult}(KTable{TForeignKey, TOther}, Func{TValue, TForeignKey}, Func{TValue, TOther, TResult}, TableJoined{TKey, TForeignKey}, Materialized{TKey, TResult})"/>
    public KTable<TKey, TResult> Join<TForeignKey, TOther, TResult>(
        KTable<TForeignKey, TOther> other,
        Func<TKey, TValue, TForeignKey?> foreignKey,
        Func<TValue, TOther, TResult> joiner,
        TableJoined<TKey, TForeignKey>? joined = null,
        Materialized<TKey, TResult>? materialized = null)
    {
        ArgumentNullException.ThrowIfNull(foreignKey);
        ArgumentNullException.ThrowIfNull(joiner);
        return new ForeignKeyJoin<TKey, TValue, TForeignKey, TOther, TResult>(this, other, foreignKey, joiner, left: false).Declare(joined, materialized);
    }

    /// <summary>
    /// All rows; where the other table has no value for a row's foreign key, or the row has no foreign key, the joiner gets null (default for value
    /// types) in its place.
    /// </summary>
    /// <inheritdoc cref="Join{TForeignKey, TOther, TResult}(KTable{TForeignKey, TOther}, Func{TValue, TForeignKey}, Func{TValue, TOther, TResult}, TableJoined{TKey, TForeignKey}, Materialized{TKey, TResult})"/>
    public KTable<TKey, TResult> LeftJoin<TForeignKey, TOther, TResult>(
        KTable<TForeignKey, TOther> other,
        Func<TValue, TForeignKey?> foreignKey,
        Func<TValue, TOther?, TResult> joiner,
        TableJoined<TKey, TForeignKey>? joined = null,
        Materialized<TKey, TResult>? materialized = null)
    {
        ArgumentNullException.ThrowIfNull(foreignKey);
        return LeftJoin(other, (_, value) => foreignKey(value), joiner, joined, materialized);
    }

    /// <summary>As the other, with a foreign key made of a row's key and value (KIP-1104).</summary>
    /// <inheritdoc cref="LeftJoin{TForeignKey, TOther, TResult}(KTable{TForeignKey, TOther}, Func{TValue, TForeignKey}, Func{TValue, TOther, TResult}, TableJoined{TKey, TForeignKey}, Materialized{TKey, TResult})"/>
    public KTable<TKey, TResult> LeftJoin<TForeignKey, TOther, TResult>(
        KTable<TForeignKey, TOther> other,
        Func<TKey, TValue, TForeignKey?> foreignKey,
        Func<TValue, TOther?, TResult> joiner,
        TableJoined<TKey, TForeignKey>? joined = null,
        Materialized<TKey, TResult>? materialized = null)
    {
        ArgumentNullException.ThrowIfNull(foreignKey);
        ArgumentNullException.ThrowIfNull(joiner);
        return new ForeignKeyJoin<TKey, TValue, TForeignKey, TOther, TResult>(this, other, foreignKey, joiner!, left: true).Declare(joined, materialized);
    }
}
