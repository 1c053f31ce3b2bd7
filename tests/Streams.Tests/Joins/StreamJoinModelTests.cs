using FsCheck;
using FsCheck.Fluent;
using static Streams.Tests.Joins.JoinScene;
using static Streams.Tests.Windows.Ticks;

namespace Streams.Tests.Joins;

/// <summary>
/// Joins of streams against their definition, a nested loop over all records: over any records in any order, with grace enough for all of them, and
/// over records in order without any.
/// </summary>
/// <remarks>
/// The one thing that is not in the definition: a record whose window is past when it comes goes out alone at once where it finds no partner, though
/// one may come later, as in Kafka Streams.
/// </remarks>
public sealed class StreamJoinModelTests
{
    private const int Before = 9;
    private const int After = 4;
    private const int Grace = 3;
    private const long TheEnd = 100_000;

    private static readonly JoinWindows InTime = JoinWindows.OfTimeDifferenceWithNoGrace(Ms(Before)).WithAfter(Ms(After));
    private static readonly JoinWindows AnyOrder = JoinWindows.OfTimeDifferenceAndGrace(Ms(Before), Ms(10_000)).WithAfter(Ms(After));

    [Fact]
    public void An_inner_join_has_each_pair_within_the_windows_once() =>
        Check((left, right, windows) => left.Join(right, Pair, windows), leftAlone: false, rightAlone: false);

    [Fact]
    public void A_left_join_has_each_lonely_left_record_too() =>
        Check((left, right, windows) => left.LeftJoin(right, Pair, windows), leftAlone: true, rightAlone: false);

    [Fact]
    public void An_outer_join_has_each_lonely_record_of_either_side_too() =>
        Check((left, right, windows) => left.OuterJoin(right, Pair, windows), leftAlone: true, rightAlone: true);

    /// <remarks>
    /// The operator does not look at every record for what may go: as in Kafka Streams, it may look as much later as a window and its grace are long.
    /// </remarks>
    [Fact]
    public void A_lonely_record_goes_out_never_while_it_may_be_met_and_soon_after() =>
        Prop.ForAll<(bool IsLeft, byte Step)[]>(steps =>
        {
            const int Wait = After + Grace;
            var windows = JoinWindows.OfTimeDifferenceAndGrace(Ms(After), Ms(Grace));
            using var scene = OfStreams((left, right) => left.OuterJoin(right, Pair, windows));
            var now = 0L;
            var waiting = new Dictionary<string, long>();
            for (var i = 0; i < steps.Length; i++)
            {
                // Every record has a key of its own, so each is lonely.
                now += steps[i].Step % 8;
                var (key, value) = ($"{i}", $"{now}");
                foreach (var result in steps[i].IsLeft ? scene.Left(key, value, now) : scene.Right(key, value, now))
                {
                    if (!waiting.Remove(result, out var time) || time + Wait >= now)
                        return false;
                }

                if (waiting.Values.Any(time => time + (2 * Wait) < now))
                    return false;
                waiting.Add(steps[i].IsLeft ? $"{key} {value}+-@{now}" : $"{key} -+{value}@{now}", now);
            }

            return true;
        }).QuickCheckThrowOnFailure();

    private static void Check(
        Func<KStream<string, string>, KStream<string, string>, JoinWindows, KStream<string, string>> join, bool leftAlone, bool rightAlone)
    {
        foreach (var stores in (InMemoryStores[])[InMemoryStores.Default, InMemoryStores.LikePersistent])
        {
            Prop.ForAll<(bool IsLeft, bool Key, byte Time)[]>(records => Agrees(records, AnyOrder, stores)).QuickCheckThrowOnFailure();
            Prop.ForAll<(bool IsLeft, bool Key, byte Time)[]>(records => Agrees([.. records.OrderBy(r => r.Time)], InTime, stores)).QuickCheckThrowOnFailure();
        }

        bool Agrees((bool IsLeft, bool Key, byte Time)[] records, JoinWindows windows, InMemoryStores stores)
        {
            using var scene = OfStreams((left, right) => join(left, right, windows), stores);
            var actual = new List<string>();
            for (var i = 0; i < records.Length; i++)
            {
                var (isLeft, key, time) = records[i];
                actual.AddRange(isLeft ? scene.Left($"{key}", $"{i}", time) : scene.Right($"{key}", $"{i}", time));
            }

            // What waits goes out when time is past all windows; the record that says so has a key of its own, and no time to go out itself.
            actual.AddRange(scene.Left("the end", "", TheEnd));
            return actual.Order(StringComparer.Ordinal).SequenceEqual(Expected(records).Order(StringComparer.Ordinal));
        }

        IEnumerable<string> Expected((bool IsLeft, bool Key, byte Time)[] records)
        {
            var (metBefore, metAfter) = (new bool[records.Length], new bool[records.Length]);
            for (var l = 0; l < records.Length; l++)
            {
                for (var r = 0; r < records.Length; r++)
                {
                    var (left, right) = (records[l], records[r]);
                    if (!left.IsLeft || right.IsLeft || left.Key != right.Key || right.Time < left.Time - Before || right.Time > left.Time + After)
                        continue;

                    metAfter[Math.Min(l, r)] = true;
                    metBefore[Math.Max(l, r)] = true;
                    yield return $"{left.Key} {l}+{r}@{Math.Max(left.Time, right.Time)}";
                }
            }

            var streamTime = 0;
            for (var i = 0; i < records.Length; i++)
            {
                var (isLeft, key, time) = records[i];
                streamTime = Math.Max(streamTime, time);
                var isPast = time + (isLeft ? After : Before) < streamTime;
                if (!metBefore[i] && (isPast || !metAfter[i]) && (isLeft ? leftAlone : rightAlone))
                    yield return isLeft ? $"{key} {i}+-@{time}" : $"{key} -+{i}@{time}";
            }
        }
    }
}
