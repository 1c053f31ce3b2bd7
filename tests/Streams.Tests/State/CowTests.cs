using FsCheck;
using FsCheck.Fluent;
using Streams.State;

namespace Streams.Tests.State;

/// <summary>What stores in memory are made of: after any changes it holds what a plain collection holds, and each fork what it held then.</summary>
public sealed class CowTests
{
    [Fact]
    public void A_map_and_each_of_its_forks_hold_what_a_dictionary_held() =>
        Prop.ForAll<(ushort Key, byte What)[]>(changes =>
        {
            var map = new CowMap<int, int>(null);
            var model = new Dictionary<int, int>();
            var kept = new List<(CowMap<int, int> Map, Dictionary<int, int> Model)>();
            for (var i = 0; i < changes.Length * 20; i++)
            {
                var (key, what) = changes[i / 20];
                key = (ushort)((key + (i % 20 * 37)) % 700);
                if (what % 4 == 0)
                {
                    Assert.Equal(model.Remove(key), map.Remove(key) >= 0);
                }
                else
                {
                    Assert.Equal(!model.ContainsKey(key), map.Set(key, i) >= 0);
                    model[key] = i;
                }

                if (what % 16 != 5 || i % 20 != 0)
                    continue;

                kept.Add((map, new(model)));
                map = map.Fork();
            }

            kept.Add((map, model));
            return kept.TrueForAll(k => Holds(k.Map, k.Model));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_sorted_list_and_each_of_its_forks_hold_what_a_sorted_set_held() =>
        Prop.ForAll<(ushort Item, byte What)[]>(changes =>
        {
            var sorted = new CowSorted<int, ByNumber>();
            var model = new SortedSet<int>();
            var kept = new List<(CowSorted<int, ByNumber> Sorted, SortedSet<int> Model)>();
            for (var i = 0; i < changes.Length * 30; i++)
            {
                var (item, what) = changes[i / 30];
                var number = what % 3 == 0 ? i : (item + (i % 30 * 41)) % 3_000;
                if (what % 4 == 1)
                {
                    Assert.Equal(model.Remove(number), sorted.Remove(number));
                }
                else
                {
                    sorted.Set(number);
                    model.Add(number);
                }

                if (what % 16 != 6 || i % 30 != 0)
                    continue;

                kept.Add((sorted, new(model)));
                sorted = sorted.Fork();
            }

            kept.Add((sorted, model));
            return kept.TrueForAll(k => Holds(k.Sorted, k.Model));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Pages_fill_and_empty_from_either_end()
    {
        var sorted = new CowSorted<int, ByNumber>();
        for (var i = 0; i < 2_000; i++)
            sorted.Set(i);
        var all = sorted;
        sorted = sorted.Fork();

        for (var i = 0; i < 900; i++)
            Assert.True(sorted.Remove(i));
        for (var i = 1_999; i > 1_100; i--)
            Assert.True(sorted.Remove(i));
        for (var i = -1; i > -600; i--)
            sorted.Set(i);

        Assert.Equal(Enumerable.Range(-599, 599).Concat(Enumerable.Range(900, 201)), Items(sorted));
        Assert.Equal(Enumerable.Range(0, 2_000), Items(all));
    }

    [Fact]
    public void Keys_are_put_in_order_a_part_at_a_time_while_others_come_and_go()
    {
        var entries = new KeyedEntries<string, int>(Serdes.String);
        for (var i = 0; i < 1_200; i++)
            entries.Set($"k{i:0000}", i);

        Assert.False(entries.GetReady());
        entries.Remove("k0000");
        entries.Remove("k1100");
        entries.Set("k0000a", 1);
        entries.Set("k9999", 2);
        Assert.False(entries.GetReady());
        entries.Remove("k0900");
        Assert.True(entries.GetReady());
        entries.Set("k9998", 3);

        var expected = Enumerable.Range(0, 1_200).Select(i => $"k{i:0000}").Except(["k0000", "k1100", "k0900"])
            .Append("k0000a").Append("k9998").Append("k9999").Order(StringComparer.Ordinal);
        Assert.Equal(expected, entries.Snapshot().All().Select(e => e.Key));
    }

    private static bool Holds(CowMap<int, int> map, Dictionary<int, int> model)
    {
        var walked = new Dictionary<int, int>();
        foreach (var (key, value) in map)
            walked.Add(key, value);
        return map.Count == model.Count
            && walked.Count == model.Count
            && model.All(e => walked[e.Key] == e.Value && map.TryGetValue(e.Key, out var value) && value == e.Value)
            && !map.ContainsKey(5_000);
    }

    private static bool Holds(CowSorted<int, ByNumber> sorted, SortedSet<int> model)
    {
        var backward = new List<int>();
        for (var at = sorted.Before(sorted.End); sorted.TryGet(at, out var item); at = sorted.Before(at))
            backward.Add(item);
        var middle = model.Count == 0 ? 0 : model.ElementAt(model.Count / 2) + 1;
        return sorted.Count == model.Count
            && Items(sorted).SequenceEqual(model)
            && backward.SequenceEqual(model.Reverse())
            && (sorted.TryGet(sorted.FirstFrom(middle), out var first) ? first == model.First(i => i >= middle) : !model.Any(i => i >= middle));
    }

    private static List<int> Items(CowSorted<int, ByNumber> sorted)
    {
        var items = new List<int>();
        for (CowSorted<int, ByNumber>.Place at = default; sorted.TryGet(at, out var item); at = sorted.Next(at))
            items.Add(item);
        return items;
    }

    private readonly struct ByNumber : IComparer<int>
    {
        public int Compare(int x, int y) => x.CompareTo(y);
    }
}
