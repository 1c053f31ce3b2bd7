using Streams.Processing;
using Streams.State;
using Xunit;
using Xunit.Abstractions;

namespace Streams.RocksDb.Tests.Snapshots;

/// <summary>Whoever reads beside the writer sees the store between two records, never half of one.</summary>
public sealed class ConcurrentReadTests(ITestOutputHelper output)
{
    private const int RecordsMin = 600;
    private const int ScansMin = 25;

    // However slow the readers are.
    private const int RecordsMax = 200_000;

    public static TheoryData<string, string, bool> Stores()
    {
        var data = new TheoryData<string, string, bool>();
        foreach (var kind in Accounts.Kinds)
        {
            foreach (var engine in kind == "lru" ? ["memory"] : new[] { "memory", "disk", "written" })
            {
                data.Add(kind, engine, false);
                if (kind != "lru")
                    data.Add(kind, engine, true);
            }
        }

        return data;
    }

    [SkippableTheory]
    [MemberData(nameof(Stores))]
    public void Scans_and_look_ups_beside_the_writer_see_whole_records(string kind, string engine, bool cached)
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"Seed {seed}.");
        using var accounts = Accounts.Open(kind, engine, cached, seed);
        accounts.Scene.Process([accounts.Fill]);
        var stop = 0;
        var scans = 0;
        var readers = new[] { false, true }.Select(backward => Task.Factory.StartNew(
            () => Read(backward), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
        try
        {
            for (var records = 0; (records < RecordsMin || Volatile.Read(ref scans) < ScansMin) && records < RecordsMax; records += 20)
            {
                accounts.Scene.Process(Enumerable.Repeat<Action>(accounts.Move, 20));
                if (records % 100 == 0)
                    accounts.Scene.Process([accounts.Scene.Commit]);

                // Now and then the readers come first: on a busy machine they might not have begun when all is written.
                var before = Volatile.Read(ref scans);
                if (records % 1_000 == 0)
                    SpinWait.SpinUntil(() => Volatile.Read(ref scans) > before || readers.Any(reader => reader.IsCompleted), TimeSpan.FromSeconds(60));
            }
        }
        finally
        {
            Volatile.Write(ref stop, 1);
        }

        Assert.True(Task.WaitAll(readers, TimeSpan.FromSeconds(120)), "A reader does not come to an end.");
        Assert.True(scans >= ScansMin, $"There were only {scans} scans beside the writer.");

        void Read(bool backward)
        {
            var latest = 0L;
            while (Volatile.Read(ref stop) == 0)
            {
                var (sum, records) = accounts.Scan(backward);
                Assert.Equal(Accounts.Total, sum);
                Assert.True(records >= latest, $"A scan saw record {records} after {latest} had been seen.");

                var looked = accounts.LookUp();
                Assert.True(looked >= records, $"A look saw record {looked} after {records} had been seen.");
                latest = looked;
                Interlocked.Increment(ref scans);
            }
        }
    }

    [SkippableTheory]
    [InlineData("memory")]
    [InlineData("disk")]
    [InlineData("written")]
    public void A_key_with_versions_is_read_as_whole_records(string engine)
    {
        using var scene = new StoreScene(
            Streams.Stores.Versioned(StoreScene.Name, Serdes.String, Serdes.Json<Amount>(), TimeSpan.FromHours(1)), engine);
        var store = (IVersionedKeyValueStore<string, Amount>)scene.Store;
        var view = scene.View(QueryableStore.Versioned<string, Amount>(StoreScene.Name));
        var stop = 0;
        var reads = 0;
        scene.Process([() => Put(0)]);
        var reader = Task.Run(() =>
        {
            while (Volatile.Read(ref stop) == 0)
            {
                var versions = view.GetVersions("k", 0, long.MaxValue).ToList();
                Assert.Equal(0, versions.Sum(v => v.Value.Value));
                Assert.Equal(0, versions.Count % 2);
                Interlocked.Increment(ref reads);
            }
        });

        for (var i = 1; i <= 300; i++)
        {
            var at = i;
            scene.Process([() => Put(at)]);
            if (i % 50 == 0)
                scene.Process([scene.Commit]);

            // Now and then the reader comes first: else it might not have begun when all is written.
            var before = Volatile.Read(ref reads);
            if (i % 15 == 0)
                SpinWait.SpinUntil(() => Volatile.Read(ref reads) > before || reader.IsCompleted, TimeSpan.FromSeconds(60));
        }

        Volatile.Write(ref stop, 1);
        Assert.True(reader.Wait(TimeSpan.FromSeconds(120)), "The reader does not come to an end.");
        Assert.True(reads >= 20, $"There were only {reads} reads beside the writer.");

        void Put(int i)
        {
            store.Put("k", new(i), 2 * i);
            store.Put("k", new(-i), (2 * i) + 1);
        }
    }

    [Fact]
    public void A_look_up_gets_in_between_two_records_of_a_batch()
    {
        using var scene = new StoreScene(Streams.Stores.KeyValue(StoreScene.Name, Serdes.String, Serdes.Int64), "memory");
        var store = (IKeyValueStore<string, long>)scene.Store;
        var view = scene.View(QueryableStore.KeyValue<string, long>(StoreScene.Name));
        var seen = -1L;
        Task? look = null;

        scene.Process([FirstRecord, NextRecord]);

        look!.GetAwaiter().GetResult();

        void FirstRecord()
        {
            store.Put("k", 1);
            look = Task.Run(() => Volatile.Write(ref seen, view.Get("k")));
            Assert.True(SpinWait.SpinUntil(() => scene.Gate.HasWaitingReaders, TimeSpan.FromSeconds(60)));
            store.Put("k", 2);
        }

        // The look was over before this record began.
        void NextRecord()
        {
            Assert.True(look!.Wait(TimeSpan.FromSeconds(60)), "The look waits for the whole batch.");
            Assert.Equal(2, seen);
        }
    }

    [Fact]
    public void A_look_up_gets_in_between_two_changes_that_a_commit_flushes()
    {
        using var scene = new StoreScene(Streams.Stores.KeyValue(StoreScene.Name, Serdes.String, Serdes.Int64), "memory", cached: true);
        var store = (IKeyValueStore<string, long>)scene.Store;
        var view = scene.View(QueryableStore.KeyValue<string, long>(StoreScene.Name));
        var seen = -1L;
        Task? look = null;
        ((ICachedStore<string, long>)store).SetFlushListener(new Listener(Flushed), sendOldValues: false);
        scene.Process([() => store.Put("a", 1), () => store.Put("b", 2), () => store.Put("c", 3)]);

        scene.Process([scene.Commit]);

        look!.GetAwaiter().GetResult();

        void Flushed(string key)
        {
            if (key == "a")
            {
                look = Task.Run(() => Volatile.Write(ref seen, view.Get("c")));
                Assert.True(SpinWait.SpinUntil(() => scene.Gate.HasWaitingReaders, TimeSpan.FromSeconds(60)));
                return;
            }

            // What is not flushed yet is seen all the same.
            Assert.True(look!.Wait(TimeSpan.FromSeconds(60)), "The look waits for the whole commit.");
            Assert.Equal(3, seen);
        }
    }

    public sealed record Amount(int Value);

    private sealed class Listener(Action<string> told) : IFlushListener<string, long>
    {
        public void Flushed(string key, in Change<long> change, long timestamp, Headers? headers) => told(key);
    }
}
