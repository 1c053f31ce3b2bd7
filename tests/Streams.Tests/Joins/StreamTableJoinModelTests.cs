using FsCheck;
using FsCheck.Fluent;
using static Streams.Tests.Joins.JoinScene;
using static Streams.Tests.Windows.Ticks;

namespace Streams.Tests.Joins;

/// <summary>Joins of a stream with a table against their definition, over any records in any order.</summary>
public sealed class StreamTableJoinModelTests
{
    private const long History = 100_000;

    [Fact]
    public void A_record_meets_the_last_update_that_came_before_it() =>
        Prop.ForAll<(bool IsLeft, bool Key, byte Time, bool IsNull)[]>(records =>
        {
            using var scene = OfStreamAndTable((stream, table) => stream.LeftJoin(table, Pair));
            var table = new Dictionary<string, string?>();
            for (var i = 0; i < records.Length; i++)
            {
                var (isLeft, key, time, isNull) = records[i];
                string[] expected = isLeft ? [$"{key} {i}+{table.GetValueOrDefault($"{key}") ?? "-"}@{time}"] : [];
                var value = isNull ? null : $"{i}";
                if (!isLeft)
                    table[$"{key}"] = value;

                if (!expected.SequenceEqual(isLeft ? scene.Left($"{key}", $"{i}", time) : scene.Right($"{key}", value, time)))
                    return false;
            }

            return true;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Of_a_versioned_table_it_meets_the_last_update_of_its_time_or_before_as_far_as_they_have_come() =>
        Prop.ForAll<(bool IsLeft, bool Key, byte Time, bool IsNull)[]>(any =>
        {
            var records = OneUpdateATime(any);
            using var scene = OfStreamAndTable((stream, table) => stream.LeftJoin(table, Pair), Versioned);
            for (var i = 0; i < records.Length; i++)
            {
                var (isLeft, key, time, _) = records[i];
                string[] expected = isLeft ? [$"{key} {i}+{ValueAt(records[..i], key, time) ?? "-"}@{time}"] : [];
                if (!expected.SequenceEqual(isLeft ? scene.Left($"{key}", $"{i}", time) : scene.Right($"{key}", Value(records, i), time)))
                    return false;
            }

            return true;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void With_grace_for_all_of_them_it_meets_the_last_update_of_its_time_or_before_whenever_they_come() =>
        Prop.ForAll<(bool IsLeft, bool Key, byte Time, bool IsNull)[]>(any =>
        {
            var records = OneUpdateATime(any);
            var grace = new Joined<string, string, string>().WithGracePeriod(Ms(1000));
            using var scene = OfStreamAndTable((stream, table) => stream.LeftJoin(table, Pair, grace), Versioned);
            for (var i = 0; i < records.Length; i++)
            {
                var (isLeft, key, time, _) = records[i];
                var early = isLeft ? scene.Left($"{key}", $"{i}", time) : scene.Right($"{key}", Value(records, i), time);
                if (early.Length > 0)
                    return false;
            }

            var expected = records.Index().Where(r => r.Item.IsLeft)
                .Select(r => $"{r.Item.Key} {r.Index}+{ValueAt(records, r.Item.Key, r.Item.Time) ?? "-"}@{r.Item.Time}");
            return expected.Order(StringComparer.Ordinal).SequenceEqual(scene.Left("the end", "", 10_000).Order(StringComparer.Ordinal));
        }).QuickCheckThrowOnFailure();

    private static Materialized<string, string> Versioned => Materialized.AsVersioned<string, string>("versions", Ms(History));

    private static string? Value((bool IsLeft, bool Key, byte Time, bool IsNull)[] records, int index) => records[index].IsNull ? null : $"{index}";

    // A deletion at the very time of a key's only version leaves no trace of either, as in Kafka Streams: not what the definition says.
    private static (bool IsLeft, bool Key, byte Time, bool IsNull)[] OneUpdateATime((bool IsLeft, bool Key, byte Time, bool IsNull)[] records) =>
        [.. records.Where((r, i) => r.IsLeft || !records[..i].Any(other => !other.IsLeft && (other.Key, other.Time) == (r.Key, r.Time)))];

    // The update with the greatest time not after the given one.
    private static string? ValueAt((bool IsLeft, bool Key, byte Time, bool IsNull)[] records, bool key, byte time)
    {
        var found = -1;
        for (var i = 0; i < records.Length; i++)
        {
            var (isLeft, otherKey, at, _) = records[i];
            if (!isLeft && otherKey == key && at <= time && (found < 0 || at > records[found].Time))
                found = i;
        }

        return found < 0 ? null : Value(records, found);
    }
}
