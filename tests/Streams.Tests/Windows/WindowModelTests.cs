using FsCheck;
using FsCheck.Fluent;
using Streams.TestKit;
using static Streams.Tests.Windows.Ticks;

namespace Streams.Tests.Windows;

/// <summary>
/// Each kind of window against its definition, over any records in any order: with grace enough for all of them, the table in the end holds what
/// the definition says.
/// </summary>
public sealed class WindowModelTests
{
    private const int Size = 7;

    [Fact]
    public void Tumbling_windows_hold_the_records_of_their_span() =>
        Check(
            groups => groups.WindowedBy(TumblingWindows.OfSizeAndGrace(Ms(Size), Ms(100_000))).Count(),
            TimeKeys(Size),
            times => times.GroupBy(t => t / Size * Size).ToDictionary(g => (g.Key, g.Key + Size), g => g.LongCount()));

    [Fact]
    public void Hopping_windows_hold_the_records_of_their_span() =>
        Check(
            groups => groups.WindowedBy(HoppingWindows.OfSizeAndGrace(Ms(Size), Ms(3), Ms(100_000))).Count(),
            TimeKeys(Size),
            times => Spans(times, start => start % 3 == 0, start => (start, start + Size), start => (start, start + Size - 1)));

    [Fact]
    public void Sliding_windows_hold_the_records_of_their_span_and_end_with_one_or_start_right_after_one() =>
        Check(
            groups => groups.WindowedBy(SlidingWindows.OfTimeDifferenceAndGrace(Ms(Size), Ms(100_000))).Count(),
            TimeKeys(Size),
            times => Spans(
                times,
                start => times.Contains(start + Size) || times.Contains(start - 1) || (start == 0 && times.Exists(t => t < Size)),
                start => (start, start + Size),
                start => (start, start + Size)));

    [Fact]
    public void Sessions_are_the_runs_of_records_without_a_gap() =>
        Check(
            groups => groups.WindowedBy(SessionTests.Sessions(Size, 100_000)).Count(),
            SessionKeys,
            times =>
            {
                var sessions = new Dictionary<(long, long), long>();
                for (var first = 0; first < times.Count;)
                {
                    var last = first;
                    while (last + 1 < times.Count && times[last + 1] - times[last] <= Size)
                        last++;
                    sessions.Add((times[first], times[last]), last - first + 1);
                    first = last + 1;
                }

                return sessions;
            });

    // All windows that begin where the definition lets them and hold a record.
    private static Dictionary<(long, long), long> Spans(
        List<long> times, Func<long, bool> begins, Func<long, (long, long)> window, Func<long, (long From, long To)> holds)
    {
        var windows = new Dictionary<(long, long), long>();
        for (long start = 0; start <= times.DefaultIfEmpty(0).Max() + 1; start++)
        {
            var (from, to) = holds(start);
            var held = times.Count(t => t >= from && t <= to);
            if (held > 0 && begins(start))
                windows.Add(window(start), held);
        }

        return windows;
    }

    private static void Check(
        Func<KGroupedStream<string, string>, KTable<Windowed<string>, long>> table,
        ISerde<Windowed<string>> keys,
        Func<List<long>, Dictionary<(long, long), long>> model) =>
        Prop.ForAll<(bool Key, byte Time)[]>(records =>
        {
            var builder = new StreamBuilder();
            table(builder.Stream<string, string>("in").GroupByKey()).ToStream().To("out");
            using var driver = new TopologyTestDriver(builder.Build());
            var input = driver.CreateInputTopic<string, string>("in");
            foreach (var (key, time) in records)
                input.PipeInput($"{key}", "a", time);

            var results = new Dictionary<Windowed<string>, long>();
            foreach (var result in driver.CreateOutputTopic<Windowed<string>, long>("out", keys).ReadRecordsToList())
            {
                if (result.HasValue)
                    results[result.Key] = result.Value;
                else
                    results.Remove(result.Key);
            }

            return new[] { true, false }.All(key =>
            {
                var expected = model([.. records.Where(r => r.Key == key).Select(r => (long)r.Time).Order()]);
                var actual = results.Where(r => r.Key.Key == $"{key}").ToDictionary(r => (r.Key.Window.StartMs, r.Key.Window.EndMs), r => r.Value);
                return expected.Count == actual.Count && expected.All(e => actual.TryGetValue(e.Key, out var value) && value == e.Value);
            });
        }).QuickCheckThrowOnFailure();
}
