using System.Globalization;
using Xunit;

namespace Streams.RocksDb.Tests.Snapshots;

/// <summary>A scan that is read half, then to its end: whatever the writer did meanwhile, it is of one state.</summary>
public sealed class HalfReadTests
{
    // More than a page of any kind, and than the writer waits for at once.
    private const int Rows = 2_500;

    public static TheoryData<string, string, bool> Lists()
    {
        var data = new TheoryData<string, string, bool>();
        foreach (var list in Listings.Keys)
        {
            foreach (var engine in list.StartsWith("lru", StringComparison.Ordinal) ? ["memory"] : new[] { "memory", "disk", "written" })
            {
                data.Add(list, engine, false);
                if (!list.StartsWith("lru", StringComparison.Ordinal) && !list.StartsWith("duplicates", StringComparison.Ordinal))
                    data.Add(list, engine, true);
            }
        }

        return data;
    }

    [SkippableTheory]
    [MemberData(nameof(Lists))]
    public void A_scan_that_is_read_half_goes_on_with_what_it_began_with(string list, string engine, bool cached)
    {
        var (builder, change, rows) = Listings[list];
        using var scene = new StoreScene(builder(), engine, cached);
        scene.Process([() => change(scene.Store, 0)]);
        scene.Process([scene.Commit]);
        scene.Process([() => change(scene.Store, 1)]);
        var before = rows(scene).ToList();
        Assert.True(before.Count > 500, $"There are only {before.Count} rows.");

        using var scan = rows(scene).GetEnumerator();
        var read = new List<string>();
        for (var i = 0; i < before.Count / 2 && scan.MoveNext(); i++)
            read.Add(scan.Current);
        scene.ProcessElsewhere(() => change(scene.Store, 2));
        scene.ProcessElsewhere(scene.Commit);
        scene.ProcessElsewhere(() => change(scene.Store, 3));
        while (scan.MoveNext())
            read.Add(scan.Current);

        Assert.Equal(before, read);
        Assert.NotEqual(before, rows(scene).ToList());
    }

    [SkippableTheory]
    [InlineData("memory")]
    [InlineData("disk")]
    public void A_scan_whose_task_is_closed_says_so(string engine)
    {
        var (builder, change, rows) = Listings["key-value"];
        using var scene = new StoreScene(builder(), engine);
        scene.Process([() => change(scene.Store, 0)]);
        var scan = rows(scene).GetEnumerator();
        Assert.True(scan.MoveNext());

        scene.Close();

        var error = Assert.Throws<StoreNotReadyException>(() => ReadAll(scan));
        Assert.Contains("Task 0_0 was closed or moved while store 'store' was read", error.Message, StringComparison.Ordinal);
        scan.Dispose();
        Assert.Throws<StoreNotReadyException>(() => rows(scene));
    }

    [SkippableTheory]
    [InlineData("memory")]
    [InlineData("disk")]
    public void Scans_that_nobody_ends_are_counted_and_those_that_are_disposed_are_not(string engine)
    {
        var (builder, change, rows) = Listings["key-value"];
        using var scene = new StoreScene(builder(), engine);
        scene.Process([() => change(scene.Store, 0)]);
        var scans = Enumerable.Range(0, Query.OpenScans.PerStoreMax).Select(_ => rows(scene).GetEnumerator()).ToList();
        Assert.All(scans, scan => Assert.True(scan.MoveNext()));

        var error = Assert.Throws<InvalidOperationException>(() => rows(scene).Count());
        Assert.Contains("64 scans of store 'store' of task 0_0 are under way", error.Message, StringComparison.Ordinal);

        scans[3].Dispose();
        Assert.True(rows(scene).Count() > Rows / 2);
        ReadAll(scans[5]);
        Assert.True(rows(scene).Any());
        scans.ForEach(scan => scan.Dispose());
        scans.ForEach(scan => scan.Dispose());
    }

    private static Dictionary<string, (Func<StoreBuilder> Builder, Action<IStateStore, int> Change, Func<StoreScene, IEnumerable<string>> Rows)> Listings { get; } = new()
    {
        ["key-value"] = (KeyValue, ChangeKeys, s => Keys(s).All().Select(Text)),
        ["key-value backward"] = (KeyValue, ChangeKeys, s => Keys(s).ReverseAll().Select(Text)),
        ["key-value range"] = (KeyValue, ChangeKeys, s => Keys(s).Range("k0100", "k2300").Select(Text)),
        ["key-value range backward"] = (KeyValue, ChangeKeys, s => Keys(s).ReverseRange("k0100", "k2300").Select(Text)),
        ["key-value prefix"] = (KeyValue, ChangeKeys, s => Keys(s).PrefixScan("k", Serdes.String).Select(Text)),
        ["timestamped"] = (
            () => Streams.Stores.TimestampedKeyValue(StoreScene.Name, Serdes.String, Serdes.String),
            (store, step) => Change(step, (i, v) => ((ITimestampedKeyValueStore<string, string>)store).Put(Key(i), new(v!, step))),
            s => s.View(QueryableStore.TimestampedKeyValue<string, string>(StoreScene.Name)).All().Select(Text)),
        ["lru"] = (() => Streams.Stores.LruMap(StoreScene.Name, Rows, Serdes.String, Serdes.String), ChangeKeys, s => Keys(s).All().Select(Text)),
        ["window"] = (Window, ChangeWindows, s => Windows(s).All().Select(Text)),
        ["window backward"] = (Window, ChangeWindows, s => Windows(s).BackwardAll().Select(Text)),
        ["window range"] = (Window, ChangeWindows, s => Windows(s).FetchRange("k0100", null, 0, long.MaxValue).Select(Text)),
        ["window of a key"] = (Window, ChangeWindows, s => Windows(s).Fetch("same", 0, long.MaxValue).Select(Text)),
        ["window of a key backward"] = (Window, ChangeWindows, s => Windows(s).BackwardFetch("same", 0, long.MaxValue).Select(Text)),
        ["timestamped window"] = (
            () => Streams.Stores.TimestampedWindow(StoreScene.Name, Serdes.String, Serdes.String, TimeSpan.FromSeconds(2_400), TimeSpan.FromSeconds(1)),
            (store, step) => Change(step, (i, v) => ((ITimestampedWindowStore<string, string>)store).Put(Key(i), new(v!, step), Time(i, step))),
            s => s.View(QueryableStore.TimestampedWindow<string, string>(StoreScene.Name)).FetchAll(0, long.MaxValue).Select(Text)),
        ["duplicates"] = (
            () => Streams.Stores.Window(StoreScene.Name, Serdes.String, Serdes.String, TimeSpan.FromSeconds(2_400), TimeSpan.FromSeconds(1), retainDuplicates: true),
            ChangeWindows,
            s => Windows(s).All().Select(Text)),
        ["session"] = (Session, ChangeSessions, s => Sessions(s).Fetch(null, null).Select(Text)),
        ["session backward"] = (Session, ChangeSessions, s => Sessions(s).BackwardFetch(null, null).Select(Text)),
        ["session of a key"] = (Session, ChangeSessions, s => Sessions(s).Fetch("same").Select(Text)),
    };

    private static StoreBuilder KeyValue() => Streams.Stores.KeyValue(StoreScene.Name, Serdes.String, Serdes.String);

    private static StoreBuilder Window() =>
        Streams.Stores.Window(StoreScene.Name, Serdes.String, Serdes.String, TimeSpan.FromSeconds(2_400), TimeSpan.FromSeconds(1));

    private static StoreBuilder Session() => Streams.Stores.Session(StoreScene.Name, Serdes.String, Serdes.String, TimeSpan.FromSeconds(2_400));

    private static IReadOnlyKeyValueStore<string, string> Keys(StoreScene scene) => scene.View(QueryableStore.KeyValue<string, string>(StoreScene.Name));

    private static IReadOnlyWindowStore<string, string> Windows(StoreScene scene) => scene.View(QueryableStore.Window<string, string>(StoreScene.Name));

    private static IReadOnlySessionStore<string, string> Sessions(StoreScene scene) => scene.View(QueryableStore.Session<string, string>(StoreScene.Name));

    private static void ChangeKeys(IStateStore store, int step) =>
        Change(step, (i, v) => ((IKeyValueStore<string, string>)store).Put(Key(i), v!));

    private static void ChangeWindows(IStateStore store, int step)
    {
        var windows = (IWindowStore<string, string>)store;
        Change(step, (i, v) => windows.Put(Key(i), v!, Time(i, step)));
        Change(step, (i, v) => windows.Put("same", v!, Time(i, step)));
    }

    private static void ChangeSessions(IStateStore store, int step)
    {
        var sessions = (ISessionStore<string, string>)store;
        Change(step, (i, v) => sessions.Put(new(Key(i), new(Time(i, step), Time(i, step) + 10)), v!));
        Change(step, (i, v) => sessions.Put(new("same", new(Time(i, step), Time(i, step) + 10)), v!));
    }

    /// <summary>At first all rows come; then every third changes, every seventh goes, and others come, with which windows expire.</summary>
    private static void Change(int step, Action<int, string?> put)
    {
        for (var i = 0; i < Rows; i++)
        {
            if (step == 0 || i % 3 == step % 3)
                put(i, string.Create(CultureInfo.InvariantCulture, $"{i}.{step}"));
            else if (i % 7 == step)
                put(i, null);
        }

        for (var i = 0; step > 1 && i < 100; i++)
            put((step * 10_000) + i, "new");
    }

    // Rows of the first two steps fit the retention; those that come later make some of them expire.
    private static long Time(int i, int step) => i < Rows ? i % 1_000 * 1_000L : (1_900 + (step * 300) + (i % 100)) * 1_000L;

    private static string Key(int i) => string.Create(CultureInfo.InvariantCulture, $"k{i:0000}");

    private static string Text<TKey, TValue>(KeyValue<TKey, TValue> row) => $"{row.Key} {row.Value}";

    private static void ReadAll(IEnumerator<string> scan)
    {
        while (scan.MoveNext())
        {
        }
    }
}
