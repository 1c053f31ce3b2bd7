using Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using Streams.Processing;
using Streams.RocksDb.Database;
using Streams.Runtime;
using Streams.State;
using Streams.TestKit;
using TestKit;
using Xunit;

namespace Streams.RocksDb.Tests;

/// <summary>Persistent stores answer what those in memory with their order and expiry answer, through commits, writes to disk and aborts.</summary>
public sealed class StoresOnDiskTests : IDisposable
{
    private static readonly Dictionary<TopicPartition, long> _noOffsets = [];

    private readonly TempDirectory _folder = new();
    private readonly TaskContext _task = new(
        new(0, 0), "app", new RecordCollector(new DriverProducer(), null, TimeProvider.System, CancellationToken.None),
        new RecordErrors(new StreamConfig { ApplicationId = "app" }, static _ => { }, NullLogger.Instance), TimeProvider.System)
    {
        Timestamp = 0,
    };

    public void Dispose() => _folder.Dispose();

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_key_value_store_answers_like_one_in_memory(int seed)
    {
        TaskState.SkipWhereMissing();
        var spec = new KeyValueStoreSpec<string, string>("store", Serdes.String, new PlainValue<string>(Serdes.String));
        using var engine = new RocksDbStores(TaskState.Options);
        using var storage = OpenTask(engine);
        var (disk, memory) = (Open(engine.KeyValue(spec), storage), Open(InMemoryStores.LikePersistent.KeyValue(spec), null));
        var random = new Random(seed);

        for (var i = 0; i < 3_000; i++)
        {
            var key = Key(random);
            var value = random.Next(4) == 0 ? null! : $"{i}";
            disk.Put(key, value);
            memory.Put(key, value);
            Assert.Equal(memory.Get(key), disk.Get(key));
            if (random.Next(100) != 0)
                continue;

            CommitOrWrite(storage, random);
            var (from, to) = (Key(random), Key(random));
            Assert.Equal(memory.All(), disk.All());
            Assert.Equal(memory.ReverseAll(), disk.ReverseAll());
            Assert.Equal(memory.Range(from, to), disk.Range(from, to));
            Assert.Equal(memory.ReverseRange(from, null), disk.ReverseRange(from, null));
            Assert.Equal(memory.PrefixScan(from, Serdes.String), disk.PrefixScan(from, Serdes.String));
        }
    }

    [SkippableFact]
    public void A_count_is_exact_while_all_rows_wait_and_where_no_written_row_was_written_again()
    {
        TaskState.SkipWhereMissing();
        using var engine = new RocksDbStores(TaskState.Options);
        using var storage = OpenTask(engine);
        var store = Open(engine.KeyValue(new KeyValueStoreSpec<string, string>("store", Serdes.String, new PlainValue<string>(Serdes.String))), storage);

        Put("a", "b", "b", "c");
        store.Delete("c");
        store.Delete("never");
        Assert.Equal(2, store.Count);

        Write(storage);
        Assert.Equal(2, store.Count);

        // What waits in front of what is written is compared with it.
        Put("a", "d", "d");
        store.Delete("b");
        Assert.Equal(2, store.Count);

        void Put(params string[] keys) => Array.ForEach(keys, key => store.Put(key, "1"));
    }

    [SkippableTheory]
    [InlineData(1, false, false)]
    [InlineData(2, false, false)]
    [InlineData(3, true, false)]
    [InlineData(4, true, false)]
    [InlineData(5, false, true)]
    public void A_window_store_answers_like_one_in_memory(int seed, bool timeOrdered, bool duplicates)
    {
        TaskState.SkipWhereMissing();
        var spec = new WindowStoreSpec<string, string>("store", Serdes.String, new PlainValue<string>(Serdes.String), 300_000, 10_000)
        {
            TimeOrdered = timeOrdered,
            RetainDuplicates = duplicates,
        };
        using var engine = new RocksDbStores(TaskState.Options);
        using var storage = OpenTask(engine);
        var (disk, memory) = (Open(engine.Window(spec), storage), Open(InMemoryStores.LikePersistent.Window(spec), null));
        var random = new Random(seed);
        var now = 0L;

        for (var i = 0; i < 3_000; i++)
        {
            now += random.Next(3_000);
            var start = Math.Max(0, now - random.Next(500_000));
            var key = Key(random);
            var value = random.Next(4) == 0 ? null! : $"{i}";
            disk.Put(key, value, start);
            memory.Put(key, value, start);
            Assert.Equal(memory.Fetch(key, start - 20_000, start + 20_000), disk.Fetch(key, start - 20_000, start + 20_000));
            if (random.Next(100) != 0)
                continue;

            CommitOrWrite(storage, random);
            var (first, last) = (Key(random), Key(random));
            Assert.Equal(memory.All(), disk.All());
            Assert.Equal(memory.FetchAll(start, now - 5_000), disk.FetchAll(start, now - 5_000));
            Assert.Equal(memory.BackwardFetchAll(start, now), disk.BackwardFetchAll(start, now));
            Assert.Equal(memory.BackwardFetchRange(first, last, start, now), disk.BackwardFetchRange(first, last, start, now));
        }
    }

    [SkippableTheory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    [InlineData(4, true)]
    public void A_session_store_answers_like_one_in_memory(int seed, bool timeOrdered)
    {
        TaskState.SkipWhereMissing();
        var spec = new SessionStoreSpec<string, string>("store", Serdes.String, new PlainValue<string>(Serdes.String), 300_000) { TimeOrdered = timeOrdered };
        using var engine = new RocksDbStores(TaskState.Options);
        using var storage = OpenTask(engine);
        var (disk, memory) = (Open(engine.Session(spec), storage), Open(InMemoryStores.LikePersistent.Session(spec), null));
        var random = new Random(seed);
        var now = 0L;

        for (var i = 0; i < 3_000; i++)
        {
            now += random.Next(3_000);
            var start = Math.Max(0, now - random.Next(500_000));
            var session = new Windowed<string>(Key(random), new TimeWindow(start, start + random.Next(30_000)));
            var value = random.Next(4) == 0 ? null! : $"{i}";
            disk.Put(session, value);
            memory.Put(session, value);
            Assert.Equal(memory.Fetch(session.Key), disk.Fetch(session.Key));
            if (random.Next(100) != 0)
                continue;

            CommitOrWrite(storage, random);
            var (first, last) = (Key(random), Key(random));
            Assert.Equal(memory.Fetch(null, null), disk.Fetch(null, null));
            Assert.Equal(memory.BackwardFindSessions(first, last, start, now), disk.BackwardFindSessions(first, last, start, now));
            Assert.Equal(memory.FindSessions(start, now), disk.FindSessions(start, now));
        }
    }

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_versioned_store_answers_like_one_in_memory(int seed)
    {
        TaskState.SkipWhereMissing();
        var spec = new VersionedStoreSpec<string, string>("store", Serdes.String, Serdes.String, 100_000);
        using var engine = new RocksDbStores(TaskState.Options);
        using var storage = OpenTask(engine);
        var (disk, memory) = (Open(engine.Versioned(spec), storage), Open(InMemoryStores.LikePersistent.Versioned(spec), null));
        var random = new Random(seed);
        var now = 0L;

        for (var i = 0; i < 3_000; i++)
        {
            now += random.Next(1_000);
            var key = Key(random);
            var time = Math.Max(0, now - random.Next(120_000));
            var value = random.Next(4) == 0 ? null! : $"{i}";
            Assert.Equal(memory.Put(key, value, time), disk.Put(key, value, time));
            Assert.Equal(memory.Get(key), disk.Get(key));
            Assert.Equal(memory.Get(key, time), disk.Get(key, time));
            Assert.Equal(memory.GetVersions(key, time - 5_000, time), disk.GetVersions(key, time - 5_000, time));
            if (random.Next(100) == 0)
                CommitOrWrite(storage, random);
        }
    }

    [SkippableFact]
    public void A_window_store_lists_its_windows_by_segment_and_forgets_them_by_retention()
    {
        TaskState.SkipWhereMissing();
        var spec = new WindowStoreSpec<string, string>("store", Serdes.String, new PlainValue<string>(Serdes.String), 120_000, 10_000);
        using var engine = new RocksDbStores(TaskState.Options);
        using var storage = OpenTask(engine);
        var windows = Open(engine.Window(spec), storage);

        windows.Put("b", "b0", 0);
        windows.Put("a", "a1", 10_000);
        Write(storage);
        windows.Put("a", "a6", 60_000);
        windows.Put("aa", "aa1", 10_000);

        Assert.Equal(["a1", "aa1", "b0", "a6"], windows.All().Select(w => w.Value));
        Assert.Equal(["a6", "b0", "aa1", "a1"], windows.BackwardAll().Select(w => w.Value));
        Assert.Equal(["a1", "a6"], windows.Fetch("a", 0, 100_000).Select(w => w.Value));
        Assert.Equal(["a1", "aa1"], windows.FetchRange("a", "aa", 0, 50_000).Select(w => w.Value));

        windows.Put("c", "c", 125_000);
        Write(storage);

        Assert.False(windows.TryFetch("b", 0, out _));
        Assert.Equal(["a1", "aa1", "a6", "c"], windows.All().Select(w => w.Value));
    }

    [SkippableFact]
    public void A_store_by_time_forgets_its_index_with_its_rows()
    {
        TaskState.SkipWhereMissing();
        var spec = new WindowStoreSpec<string, string>("store", Serdes.String, new PlainValue<string>(Serdes.String), 120_000, 10_000) { TimeOrdered = true };
        using var engine = new RocksDbStores(TaskState.Options);
        using (var storage = OpenTask(engine))
        {
            var windows = Open(engine.Window(spec), storage);
            for (var time = 0; time < 3_000_000; time += 10_000)
                windows.Put("k", $"{time}", time);
            Write(storage);
            windows.Put("k", "last", 3_000_000);
            Write(storage);
        }

        using var budget = new RocksDbBudget(TaskState.Options);
        using var database = RocksDatabase.Open(Path.Combine(_folder.Path, "app", "0_0", "rocksdb"), [], budget, TimeProvider.System);
        using var all = database.Iterate(database.Family("store-store"));
        var rows = 0;
        while (all.MoveNext())
            rows++;

        // Two minutes of rows with an entry each, and what is left of the segment that they begin in.
        Assert.InRange(rows, 24, 40);
    }

    [SkippableFact]
    public void An_abort_takes_back_what_was_written_since_the_commit()
    {
        TaskState.SkipWhereMissing();
        var spec = new KeyValueStoreSpec<string, string>("store", Serdes.String, new PlainValue<string>(Serdes.String));
        using var engine = new RocksDbStores(TaskState.Options);
        using var storage = OpenTask(engine);
        var store = Open(engine.KeyValue(spec), storage);
        store.Put("disk", "1");
        Write(storage);
        store.Put("memory", "1");
        storage.Commit(_noOffsets);

        store.Put("disk", "2");
        store.Put("memory", "2");
        store.Put("new", "2");
        store.Put("new", "3");
        storage.Abort();

        Assert.Equal("1", store.Get("disk"));
        Assert.Equal("1", store.Get("memory"));
        Assert.Null(store.Get("new"));
        Assert.Equal(["disk", "memory"], store.All().Select(row => row.Key));
        Assert.Equal(["memory", "disk"], store.ReverseAll().Select(row => row.Key));
    }

    [SkippableFact]
    public void Committed_rows_are_there_after_a_restart_and_others_are_not()
    {
        TaskState.SkipWhereMissing();
        var spec = new KeyValueStoreSpec<string, string>("store", Serdes.String, new PlainValue<string>(Serdes.String));
        using var engine = new RocksDbStores(TaskState.Options);
        var changelog = new Changelog("log", _task);
        using (var storage = OpenTask(engine))
        {
            var store = Open(engine.KeyValue(spec), storage, changelog);
            store.Put("kept", "1");
            storage.Commit(new Dictionary<TopicPartition, long> { [changelog.Partition] = 7 });
            store.Put("lost", "1");
        }

        using var again = OpenTask(engine);
        var reopened = Open(engine.KeyValue(spec), again, changelog);

        Assert.Equal("1", reopened.Get("kept"));
        Assert.Null(reopened.Get("lost"));
        Assert.Equal(7, again.RestoreFrom(changelog.Partition));
    }

    [SkippableFact]
    public void Restored_rows_are_there_after_a_restart_though_the_task_left_before_its_first_commit()
    {
        TaskState.SkipWhereMissing();
        var spec = new KeyValueStoreSpec<string, string>("store", Serdes.String, new PlainValue<string>(Serdes.String));
        using var engine = new RocksDbStores(TaskState.Options);
        var changelog = new Changelog("log", _task);
        using (var storage = OpenTask(engine))
        {
            var store = Open(engine.KeyValue(spec), storage, changelog);
            ((IRestorable)store).Restore("restored"u8, "1"u8, hasValue: true, timestamp: 0);
            storage.Restored(changelog.Partition, 1);
            store.Put("lost", "1");
        }

        using var again = OpenTask(engine);
        var reopened = Open(engine.KeyValue(spec), again, changelog);

        Assert.Equal(1, again.RestoreFrom(changelog.Partition));
        Assert.Equal("1", reopened.Get("restored"));
        Assert.Null(reopened.Get("lost"));
    }

    [SkippableFact]
    public void A_closed_store_says_so()
    {
        TaskState.SkipWhereMissing();
        var spec = new KeyValueStoreSpec<string, string>("store", Serdes.String, new PlainValue<string>(Serdes.String));
        using var engine = new RocksDbStores(TaskState.Options);
        var storage = OpenTask(engine);
        var store = Open(engine.KeyValue(spec), storage);
        store.Put("a", "1");

        store.Close();
        storage.Dispose();

        Assert.Throws<StoreClosedException>(() => store.Get("a"));
        Assert.Throws<StoreClosedException>(() => store.All());
    }

    // Keys that begin with each other, and the empty one.
    private static string Key(Random random) => new string('k', random.Next(3)) is var key && random.Next(2) == 0 ? key : key + (char)random.Next(1, 12);

    private static void CommitOrWrite(TaskStorage storage, Random random)
    {
        if (random.Next(2) == 0)
            storage.Commit(_noOffsets);
        else
            Write(storage);
    }

    private static void Write(TaskStorage storage) => ((Streams.RocksDb.Stores.RocksTaskStorage)storage).WriteRestored();

    private TaskStorage OpenTask(RocksDbStores engine) => engine.OpenTask(new("app", new(0, 0), _folder.Path, ["store"]));

    private TStore Open<TStore>(TStore store, TaskStorage? storage, Changelog? changelog = null)
        where TStore : IStateStore
    {
        store.Init(new StateStoreContext(_task, changelog, storage));
        return store;
    }
}
