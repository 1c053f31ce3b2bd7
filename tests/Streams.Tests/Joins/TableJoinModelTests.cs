using FsCheck;
using FsCheck.Fluent;
using static Streams.Tests.Joins.JoinScene;

namespace Streams.Tests.Joins;

/// <summary>
/// Joins of tables against their definition, a nested loop over both tables: after every change, what came out so far makes the table that the
/// definition says.
/// </summary>
public sealed class TableJoinModelTests
{
    [Fact]
    public void An_inner_join_has_the_keys_of_both() =>
        Check((left, right) => left.Join(right, Pair), key => key, (l, r) => l is not null && r is not null);

    [Fact]
    public void A_left_join_has_the_keys_of_its_left_side() =>
        Check((left, right) => left.LeftJoin(right, Pair), key => key, (l, _) => l is not null);

    [Fact]
    public void An_outer_join_has_the_keys_of_either_side() =>
        Check((left, right) => left.OuterJoin(right, Pair), key => key, (l, r) => l is not null || r is not null);

    [Fact]
    public void A_foreign_key_join_has_each_row_with_the_one_it_refers_to() =>
        Check((left, right) => left.Join(right, Reference, Pair), key => null, (l, r) => l is not null && r is not null);

    [Fact]
    public void A_left_foreign_key_join_has_each_row_referring_or_not() =>
        Check((left, right) => left.LeftJoin(right, Reference, Pair), key => null, (l, _) => l is not null);

    // A row refers to the key in front of its value's colon; some refer to none.
    private static string? Reference(string value) => value[0] == '-' ? null : value[..value.IndexOf(':', StringComparison.Ordinal)];

    private static void Check(
        Func<KTable<string, string>, KTable<string, string>, KTable<string, string>> join, Func<string, string?> sameKey, Func<string?, string?, bool> hasResult) =>
        Prop.ForAll<(bool IsLeft, byte Key, byte ForeignKey, bool IsNull)[]>(changes =>
        {
            using var scene = OfTables(join);
            var (left, right, result) = (new Dictionary<string, string>(), new Dictionary<string, string>(), new Dictionary<string, string>());
            for (var i = 0; i < changes.Length; i++)
            {
                var (isLeft, keyNumber, foreignKey, isNull) = changes[i];
                var key = $"{keyNumber % 4}";
                var value = isNull ? null : isLeft ? $"{(foreignKey % 5 == 4 ? "-" : foreignKey % 5)}:{i}" : $"{i}";
                Apply(isLeft ? left : right, key, value);
                foreach (var change in isLeft ? scene.LeftRecords(key, value, i) : scene.RightRecords(key, value, i))
                    Apply(result, change.Key, change.Value);

                if (!Joined(left, right, sameKey, hasResult).OrderBy(r => r.Key, StringComparer.Ordinal)
                    .SequenceEqual(result.OrderBy(r => r.Key, StringComparer.Ordinal)))
                {
                    return false;
                }
            }

            return true;
        }).QuickCheckThrowOnFailure();

    private static void Apply(Dictionary<string, string> table, string key, string? value)
    {
        if (value is null)
            table.Remove(key);
        else
            table[key] = value;
    }

    private static IEnumerable<KeyValuePair<string, string>> Joined(
        Dictionary<string, string> left, Dictionary<string, string> right, Func<string, string?> sameKey, Func<string?, string?, bool> hasResult)
    {
        foreach (var key in left.Keys.Union(right.Keys))
        {
            var l = left.GetValueOrDefault(key);
            var partner = sameKey(key) ?? (l is null ? null : Reference(l));
            var r = partner is null ? null : right.GetValueOrDefault(partner);
            if (hasResult(l, r))
                yield return new(key, Pair(l, r));
        }
    }
}
