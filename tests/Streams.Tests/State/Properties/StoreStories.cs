using Streams.State;

namespace Streams.Tests.State;

/// <summary>The stories of all kinds of stores, for any engine and cache.</summary>
internal static class StoreStories
{
    /// <summary>No cache.</summary>
    public const long NoCache = 0;

    /// <summary>A cache that holds nothing for long: each change is written at once.</summary>
    public const long TinyCache = 1;

    /// <summary>A cache that holds a few rows.</summary>
    public const long SmallCache = 300;

    /// <summary>A cache that holds all until a commit.</summary>
    public const long RoomyCache = 1 << 20;

    private const long RetentionMs = 90_000;
    private const long SizeMs = 10_000;
    private const int LruMax = 3;

    public static void KeyValue(StoreEngine engine, long cache, int stories) => KeyValueStory(
        engine, cache, Stores.KeyValue("store", Serdes.String, Serdes.String), () => new KeyValueModel<string>(value => value is null), (value, _) => value!).HoldsFor(stories);

    public static void TimestampedKeyValue(StoreEngine engine, long cache, int stories) => KeyValueStory(
        engine,
        cache,
        Stores.TimestampedKeyValue("store", Serdes.String, Serdes.String),
        () => new KeyValueModel<ValueAndTimestamp<string>>(value => value.Value is null),
        (value, at) => new(value!, at)).HoldsFor(stories);

    public static void Lru(long cache, int stories) => new StoreStory<IKeyValueStore<string, string>>(
        () => new(Stores.LruMap("store", LruMax, Serdes.String, Serdes.String), InMemoryStores.Default, cache),
        () => new LruModel(LruMax, cached: cache == RoomyCache),
        (store, step) => Tell(store, step, (value, _) => value!, counts: true),
        AllOf)
    {
        Crashes = cache == NoCache,
        Compacts = false,
    }.HoldsFor(stories);

    public static void Window(StoreEngine engine, long cache, int stories, bool duplicates = false, bool timeOrdered = false)
    {
        var spec = new WindowStoreSpec<string, string>("store", Serdes.String, new PlainValue<string>(Serdes.String), RetentionMs, SizeMs)
        {
            RetainDuplicates = duplicates,
            TimeOrdered = timeOrdered,
        };
        WindowStory(engine, cache, Stores.WindowOf(spec), Kind(engine, cache, spec.SegmentIntervalMs) with { Duplicates = duplicates, TimeOrdered = timeOrdered }, value => value is null, (value, _) => value!)
            .HoldsFor(stories);
    }

    public static void TimestampedWindow(StoreEngine engine, long cache, int stories)
    {
        var spec = new WindowStoreSpec<string, ValueAndTimestamp<string>>("store", Serdes.String, new TimestampedValue<string>(Serdes.String), RetentionMs, SizeMs);
        WindowStory(
            engine,
            cache,
            Stores.TimestampedWindowOf(spec),
            Kind(engine, cache, spec.SegmentIntervalMs),
            value => value.Value is null,
            (value, at) => new ValueAndTimestamp<string>(value!, at)).HoldsFor(stories);
    }

    public static void Session(StoreEngine engine, long cache, int stories, bool timeOrdered = false)
    {
        var spec = new SessionStoreSpec<string, string>("store", Serdes.String, new PlainValue<string>(Serdes.String), RetentionMs) { TimeOrdered = timeOrdered };
        var kind = Kind(engine, cache, spec.SegmentIntervalMs);

        // Behind a cache, sessions with one end come in no order from a store in memory, as in Kafka Streams: there each end has one session.
        var oneStartForEach = cache != NoCache && !engine.UsesSegments;
        new StoreStory<ISessionStore<string, string>>(
            () => new(Stores.SessionOf(spec), engine, cache),
            () => new SessionModel(kind, behindCache: cache != NoCache),
            (store, step) => Tell(store, step, oneStartForEach, findsClosed: !kind.Cached),
            store => Words.Of(store.Fetch(null, null)))
        {
            Crashes = cache == NoCache,
        }.HoldsFor(stories);
    }

    public static void Versioned(StoreEngine engine, int stories) => new StoreStory<IVersionedKeyValueStore<string, string>>(
        () => new(Stores.Versioned("store", Serdes.String, Serdes.String, TimeSpan.FromMilliseconds(RetentionMs)), engine, NoCache),
        () => new VersionedModel(RetentionMs),
        Tell,
        store => Words.Of(new[] { "", "a", "aa", "ab", "b", "ba" }.Select(key => store.Get(key))))
    {
        Compacts = false,
    }.HoldsFor(stories);

    private static TimedStore Kind(StoreEngine engine, long cache, long segmentMs) => new(RetentionMs)
    {
        SegmentMs = engine.UsesSegments ? segmentMs : null,
        Cached = cache == RoomyCache,
        OnDisk = engine is not InMemoryStores,
    };

    // RocksDB estimates how many rows it has written: a key in two of its files counts twice until they are one.
    private static StoreStory<IKeyValueStore<string, TStored>> KeyValueStory<TStored>(
        StoreEngine engine, long cache, StoreBuilder store, Func<KeyValueModel<TStored>> model, Func<string?, long, TStored> value) => new(
        () => new(store, engine, cache), model, (told, step) => Tell(told, step, value, counts: cache == NoCache && engine is InMemoryStores), AllOf) { Crashes = cache == NoCache };

    private static StoreStory<IWindowStore<string, TStored>> WindowStory<TStored>(
        StoreEngine engine, long cache, StoreBuilder store, TimedStore kind, Func<TStored, bool> isAbsent, Func<string?, long, TStored> value) => new(
        () => new(store, engine, cache),
        () => new WindowModel<TStored>(kind, SizeMs, isAbsent),
        (told, step) => Tell(told, step, value, kind.Duplicates),
        told => Words.Of(told.All()) + Words.Of(told.BackwardAll()))
    {
        Crashes = cache == NoCache,
    };

    private static string AllOf<TStored>(IKeyValueStore<string, TStored> store) => Words.Of(store.All()) + Words.Of(store.ReverseAll());

    private static string Tell<TStored>(IKeyValueStore<string, TStored> store, Step step, Func<string?, long, TStored> value, bool counts)
    {
        var (key, other) = (step.Key, step.OtherKey);
        var one = value(step.Value ?? "-", step.At);
        return step.Kind switch
        {
            < 8 => Done(() => store.Put(key, value(step.Value, step.At)), $"put '{key}' {Words.Of(value(step.Value, step.At))}"),
            < 10 => $"put '{key}' {Words.Of(one)} if absent: {store.PutIfAbsent(key, one)}",
            < 13 => $"delete '{key}': {store.Delete(key)}",
            < 17 => $"get '{key}': {Words.Of(store.TryGet(key, out var found) ? found : default)}",
            < 20 => $"range '{other}' to '{key}': {Words.Of(store.Range(other, key))}",
            < 22 => $"range '{key}' backward to '{other}': {Words.Of(store.ReverseRange(key, other))}",
            < 24 => $"all: {Words.Of(store.All())}",
            < 25 => $"all backward: {Words.Of(store.ReverseAll())}",
            < 27 => $"keys with '{key}': {Words.Of(store.PrefixScan(key, Serdes.String))}",
            _ => $"count: {(counts ? store.Count : 0)}",
        };
    }

    private static string Tell<TStored>(IWindowStore<string, TStored> store, Step step, Func<string?, long, TStored> value, bool duplicates)
    {
        var (key, other, at, until) = (step.Key, step.OtherKey, step.At, step.Until);
        return step.Kind switch
        {
            < 12 => Done(() => store.Put(key, value(step.Value, step.Now), at), $"put '{key}' {Words.Of(value(step.Value, step.Now))} at {at}"),
            < 15 when duplicates => $"fetch '{key}' of all times: {Words.Of(store.Fetch(key, 0, long.MaxValue))}",
            < 15 => $"fetch '{key}' at {at}: {Words.Of(store.TryFetch(key, at, out var found) ? found : default)}",
            < 17 => $"fetch '{key}' {at} to {until}: {Words.Of(store.Fetch(key, at, until))}",
            < 18 => $"fetch '{key}' backward {at} to {until}: {Words.Of(store.BackwardFetch(key, at, until))}",
            < 20 => $"fetch '{other}' to '{key}' {at} to {until}: {Words.Of(store.FetchRange(other, key, at, until))}",
            < 22 => $"fetch '{key}' to '{other}' backward {at} to {until}: {Words.Of(store.BackwardFetchRange(key, other, at, until))}",
            < 23 => $"fetch '{key}' to '{key}' of all times: {Words.Of(store.FetchRange(key, key, long.MinValue, long.MaxValue))}",
            < 25 => $"fetch all {at} to {until}: {Words.Of(store.FetchAll(at, until))}",
            < 26 => $"fetch all backward {at} to {until}: {Words.Of(store.BackwardFetchAll(at, until))}",
            < 27 => $"all: {Words.Of(store.All())}",
            _ => $"all backward: {Words.Of(store.BackwardAll())}",
        };
    }

    private static string Tell(ISessionStore<string, string> store, Step step, bool oneStartForEach, bool findsClosed)
    {
        var (key, other, at, until) = (step.Key, step.OtherKey, step.At, step.Until);
        var length = oneStartForEach ? at % 3 * 7_000 : Math.Abs(until - at);
        var session = new Windowed<string>(key, new(Math.Max(0, at - length), at));
        return step.Kind switch
        {
            < 11 => Done(() => store.Put(session, step.Value!), $"put {session} {Words.Of(step.Value)}"),
            < 14 => Done(() => store.Remove(session), $"remove {session}"),
            < 16 => $"fetch {session}: {Words.Of(store.TryFetchSession(key, session.Window.StartMs, at, out var found) ? found : null)}",
            < 18 => $"sessions of '{key}' that end from {at} and start until {until}: {Words.Of(store.FindSessions(key, at, until))}",
            < 19 => $"sessions of '{key}' backward that end from {at} and start until {until}: {Words.Of(store.BackwardFindSessions(key, at, until))}",
            < 21 => $"sessions of '{other}' to '{key}' that end from {at} and start until {until}: {Words.Of(store.FindSessions(other, key, at, until))}",
            < 22 => $"sessions of '{key}' to '{other}' backward that end from {at}: {Words.Of(store.BackwardFindSessions(key, other, at, long.MaxValue))}",
            < 23 => $"sessions of '{key}': {Words.Of(store.Fetch(key))}",
            < 24 => $"sessions of '{key}' backward: {Words.Of(store.BackwardFetch(key))}",
            < 25 => $"sessions of '{key}' to '{other}': {Words.Of(store.Fetch(key, other))}",
            < 26 => $"all sessions backward: {Words.Of(store.BackwardFetch(null, null))}",
            _ when findsClosed => $"sessions that end from {at} to {until}: {Words.Of(store.FindSessions(at, until))}",
            _ => $"all sessions: {Words.Of(store.Fetch(null, null))}",
        };
    }

    private static string Tell(IVersionedKeyValueStore<string, string> store, Step step)
    {
        var (key, at) = (step.Key, step.At);
        var (from, to) = (Math.Min(at, step.Until), Math.Max(at, step.Until));
        return step.Kind switch
        {
            < 12 => $"put '{key}' {Words.Of(step.Value)} at {at}: {store.Put(key, step.Value!, at)}",
            < 15 => $"delete '{key}' at {at}: {Words.Of(store.Delete(key, at))}",
            < 18 => $"get '{key}': {Words.Of(store.Get(key))}",
            < 23 => $"get '{key}' as of {at}: {Words.Of(store.Get(key, at))}",
            < 25 => $"versions of '{key}' at {at}: {Words.Of(store.GetVersions(key, at, at))}",

            // What ended before the history begins may be there still, or not any more.
            _ => $"versions of '{key}' from {from} to {to}: " + Words.Of(store.GetVersions(key, from, to, ascending: step.Value is null)
                .Where(version => version.ValidTo is not { } end || end > step.Now - RetentionMs)),
        };
    }

    private static string Done(Action act, string words)
    {
        act();
        return words;
    }
}
