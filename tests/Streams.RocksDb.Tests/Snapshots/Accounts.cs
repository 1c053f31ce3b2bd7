using System.Globalization;
using Xunit;

namespace Streams.RocksDb.Tests.Snapshots;

/// <summary>Accounts in one kind of store. Each record moves money between some, so that only half a record changes the sum, and counts itself.</summary>
internal abstract class Accounts : IDisposable
{
    public const int Count = 60;
    public const long Each = 1_000;
    public const long Total = Count * Each;
    protected const string Records = "records";

    private readonly long[] _balances = new long[Count];
    private readonly Random _random;

    protected Accounts(StoreScene scene, int seed)
    {
        (Scene, _random) = (scene, new Random(seed));
        Array.Fill(_balances, Each);
    }

    public static string[] Kinds => ["key-value", "timestamped", "lru", "window", "timestamped window", "session"];

    public StoreScene Scene { get; }

    protected long Moved { get; private set; }

    public static Accounts Open(string kind, string engine, bool cached, int seed) => kind switch
    {
        "key-value" => new InKeyValue(new(Streams.Stores.KeyValue(StoreScene.Name, Serdes.String, Serdes.Int64), engine, cached), seed),
        "lru" => new InKeyValue(new(Streams.Stores.LruMap(StoreScene.Name, Count + 1, Serdes.String, Serdes.Int64), engine, cached), seed),
        "timestamped" => new InTimestamped(new(Streams.Stores.TimestampedKeyValue(StoreScene.Name, Serdes.String, Serdes.Int64), engine, cached), seed),
        "window" => new InWindows(
            new(Streams.Stores.Window(StoreScene.Name, Serdes.String, Serdes.Int64, TimeSpan.FromHours(1), TimeSpan.FromSeconds(1)), engine, cached), seed),
        "timestamped window" => new InTimestampedWindows(
            new(Streams.Stores.TimestampedWindow(StoreScene.Name, Serdes.String, Serdes.Int64, TimeSpan.FromHours(1), TimeSpan.FromSeconds(1)), engine, cached), seed),
        _ => new InSessions(new(Streams.Stores.Session(StoreScene.Name, Serdes.String, Serdes.Int64, TimeSpan.FromHours(1)), engine, cached), seed),
    };

    public void Fill()
    {
        for (var i = 0; i < Count; i++)
            Put(i, Each, isNew: true);
        PutRecords(0);
    }

    /// <summary>One record: money goes from one account to two others; an account without any is deleted.</summary>
    public void Move()
    {
        var (from, to, other) = (_random.Next(Count), _random.Next(Count), _random.Next(Count));
        var amount = _random.Next(4) == 0 ? _balances[from] : _random.NextInt64(_balances[from] + 1);
        Change(from, -amount);
        Change(to, amount / 2);
        Change(other, amount - (amount / 2));
        PutRecords(++Moved);
    }

    /// <summary>What a scan sees: the sum of all accounts, and how many records have been.</summary>
    public abstract (long Sum, long Records) Scan(bool backward);

    /// <summary>What a look at one key sees: how many records have been.</summary>
    public abstract long LookUp();

    public void Dispose() => Scene.Dispose();

    protected static string Key(int account) => string.Create(CultureInfo.InvariantCulture, $"a{account:00}");

    protected abstract void Put(int account, long balance, bool isNew);

    protected abstract void Delete(int account);

    protected abstract void PutRecords(long records);

    protected static (long Sum, long Records) Add(IEnumerable<KeyValue<string, long>> rows)
    {
        var (sum, records, seen) = (0L, -1L, new HashSet<string>());
        foreach (var (key, value) in rows)
        {
            Assert.True(seen.Add(key), $"{key} came twice.");
            if (key == Records)
                records = value;
            else
                sum += value;
        }

        return (sum, records);
    }

    private void Change(int account, long amount)
    {
        var isNew = _balances[account] == 0;
        _balances[account] += amount;
        if (_balances[account] == 0)
            Delete(account);
        else
            Put(account, _balances[account], isNew);
    }

    private sealed class InKeyValue(StoreScene scene, int seed) : Accounts(scene, seed)
    {
        private readonly IKeyValueStore<string, long> _store = (IKeyValueStore<string, long>)scene.Store;
        private readonly IReadOnlyKeyValueStore<string, long> _view = scene.View(QueryableStore.KeyValue<string, long>(StoreScene.Name));

        public override (long Sum, long Records) Scan(bool backward) => Add(backward ? _view.ReverseAll() : _view.Range("a", null));

        public override long LookUp() => _view.Get(Accounts.Records);

        protected override void Put(int account, long balance, bool isNew) => _store.Put(Key(account), balance);

        protected override void Delete(int account) => _store.Delete(Key(account));

        protected override void PutRecords(long records) => _store.Put(Accounts.Records, records);
    }

    private sealed class InTimestamped(StoreScene scene, int seed) : Accounts(scene, seed)
    {
        private readonly ITimestampedKeyValueStore<string, long> _store = (ITimestampedKeyValueStore<string, long>)scene.Store;
        private readonly IReadOnlyKeyValueStore<string, long> _view = scene.View(QueryableStore.KeyValue<string, long>(StoreScene.Name));

        public override (long Sum, long Records) Scan(bool backward) => Add(backward ? _view.ReverseAll() : _view.All());

        public override long LookUp() => _view.Get(Accounts.Records);

        protected override void Put(int account, long balance, bool isNew) => _store.Put(Key(account), new(balance, Moved));

        protected override void Delete(int account) => _store.Delete(Key(account));

        protected override void PutRecords(long records) => _store.Put(Accounts.Records, new(records, Moved));
    }

    private sealed class InWindows(StoreScene scene, int seed) : Accounts(scene, seed)
    {
        private readonly IWindowStore<string, long> _store = (IWindowStore<string, long>)scene.Store;
        private readonly IReadOnlyWindowStore<string, long> _view = scene.View(QueryableStore.Window<string, long>(StoreScene.Name));

        public override (long Sum, long Records) Scan(bool backward) =>
            Add((backward ? _view.BackwardAll() : _view.FetchRange("a", "z", 0, long.MaxValue)).Select(row => new KeyValue<string, long>(row.Key.Key, row.Value)));

        public override long LookUp() => _view.TryFetch(Accounts.Records, 7_000, out var records) ? records : -1;

        protected override void Put(int account, long balance, bool isNew) => _store.Put(Key(account), balance, Start(account));

        // A window store of numbers has none that means no value, so an empty account stays.
        protected override void Delete(int account) => _store.Put(Key(account), 0, Start(account));

        protected override void PutRecords(long records) => _store.Put(Accounts.Records, records, 7_000);
    }

    private sealed class InTimestampedWindows(StoreScene scene, int seed) : Accounts(scene, seed)
    {
        private readonly ITimestampedWindowStore<string, long> _store = (ITimestampedWindowStore<string, long>)scene.Store;
        private readonly IReadOnlyWindowStore<string, long> _view = scene.View(QueryableStore.Window<string, long>(StoreScene.Name));

        public override (long Sum, long Records) Scan(bool backward) =>
            Add((backward ? _view.BackwardFetchAll(0, 600_000) : _view.All()).Select(row => new KeyValue<string, long>(row.Key.Key, row.Value)));

        public override long LookUp() => _view.TryFetch(Accounts.Records, 7_000, out var records) ? records : -1;

        protected override void Put(int account, long balance, bool isNew) => _store.Put(Key(account), new(balance, Moved), Start(account));

        protected override void Delete(int account) => _store.Put(Key(account), new(0, Moved), Start(account));

        protected override void PutRecords(long records) => _store.Put(Accounts.Records, new(records, Moved), 7_000);
    }

    // An account is one session, which grows with each record: the old one goes and another comes.
    private sealed class InSessions(StoreScene scene, int seed) : Accounts(scene, seed)
    {
        private readonly ISessionStore<string, long> _store = (ISessionStore<string, long>)scene.Store;
        private readonly IReadOnlySessionStore<string, long> _view = scene.View(QueryableStore.Session<string, long>(StoreScene.Name));
        private readonly long[] _ends = new long[Count];

        public override (long Sum, long Records) Scan(bool backward) =>
            Add((backward ? _view.BackwardFetch(null, null) : _view.Fetch("a", "z")).Select(row => new KeyValue<string, long>(row.Key.Key, row.Value)));

        public override long LookUp() => _view.Fetch(Accounts.Records).Single().Value;

        protected override void Put(int account, long balance, bool isNew)
        {
            if (!isNew)
                Delete(account);
            _ends[account] = Moved;
            _store.Put(new(Key(account), new(0, Moved)), balance);
        }

        protected override void Delete(int account) => _store.Remove(new(Key(account), new(0, _ends[account])));

        protected override void PutRecords(long records) => _store.Put(new(Accounts.Records, new(0, 1)), records);
    }

    private static long Start(int account) => account % 7 * 100_000;
}
