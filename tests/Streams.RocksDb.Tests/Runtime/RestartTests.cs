using Kafka;
using Streams.Tests.Runtime;
using TestKit;
using Xunit;
using Xunit.Abstractions;

namespace Streams.RocksDb.Tests.Runtime;

/// <summary>An application on RocksDB comes back with its state: only what its folder lacks is read from the changelogs.</summary>
public sealed class RestartTests(OwnBroker broker, ITestOutputHelper output) : IClassFixture<OwnBroker>, IDisposable
{
    private const int Keys = 50;
    private const int Updates = 2_000;

    // Not 0, which librdkafka takes for no time.
    private const long Start = 1_000;

    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public async Task After_a_clean_stop_nothing_is_restored()
    {
        await using var scene = await SceneAsync();
        using (var stores = new RocksDbStores(CountProgram.Options))
        {
            var first = await StartAsync(scene, stores);
            await scene.ReadAsync("out", Serdes.Int64, r => r.Count == Updates);
            await first.StopAsync();
        }

        using var restored = new RestoredRecords(scene.Id);
        using var again = new RocksDbStores(CountProgram.Options);
        await using var second = await StartAsync(scene, again);

        await OneMoreOfEachAsync(scene, Updates / Keys);
        Assert.Equal(0, restored.Count);
    }

    [SkippableFact]
    public async Task What_waited_in_a_cache_at_a_stop_is_on_disk_at_the_next_start()
    {
        await using var scene = await SceneAsync();
        using (var stores = new RocksDbStores(CountProgram.Options))
        {
            // Nothing is committed before the stop, so that all counts wait in the cache.
            var all = new Countdown(Updates);
            var first = await StartAsync(scene, stores, CacheForAll, all.Signal);
            await all.Done.WaitAsync(scene.GivesUp);
            await first.StopAsync();
        }

        using var restored = new RestoredRecords(scene.Id);
        using var again = new RocksDbStores(CountProgram.Options);
        var more = new Countdown(Keys);
        await using var second = await StartAsync(scene, again, CacheForAll, more.Signal);
        await scene.ProduceAsync("in", Enumerable.Range(0, Keys).Select(i => ($"k{i}", "x", Start + Updates)));
        await more.Done.WaitAsync(scene.GivesUp);
        await second.StopAsync();

        var read = await scene.ReadAsync("out", Serdes.Int64, r => r.Count == 2 * Keys);
        Assert.All(read.Take(Keys), r => Assert.Equal(Updates / Keys, r.Value));
        Assert.All(read.TakeLast(Keys), r => Assert.Equal((Updates / Keys) + 1, r.Value));
        Assert.Equal(0, restored.Count);

        static void CacheForAll(StreamConfig config) => (config.CacheBytesMax, config.CommitInterval) = (10 << 20, TimeSpan.FromHours(1));
    }

    [SkippableFact]
    public async Task After_a_kill_only_what_was_not_on_disk_is_restored()
    {
        await using var scene = await SceneAsync();
        using var process = Program.Start(
            CountProgram.Name, broker.BootstrapServers, scene.Id, scene.Topic("in"), scene.Topic("out"), _folder.Path);
        await scene.ReadAsync("out", Serdes.Int64, r => r.Count == Updates);
        Committed(scene, Updates);

        // Each record brings a commit. The first file that is new now may have been begun before the last commits; the one after it holds them all.
        var extra = 0;
        for (var file = 0; file < 2; file++)
        {
            for (var before = Files(); Files().IsSubsetOf(before); extra++)
            {
                await scene.ProduceAsync("in", [($"k{extra % Keys}", "x", Start + Updates + extra)]);
                Committed(scene, Updates + extra + 1);
            }
        }

        process.Kill();
        await process.WaitForExitAsync();
        using var restored = new RestoredRecords(scene.Id);
        using var stores = new RocksDbStores(CountProgram.Options);
        await using var second = await StartAsync(scene, stores);

        await scene.ProduceAsync("in", Enumerable.Range(extra, Keys - (extra % Keys)).Select(i => ($"k{i % Keys}", "x", Start + Updates + i)));
        var total = Updates + extra + Keys - (extra % Keys);
        var read = await scene.ReadAsync("out", Serdes.Int64, r => r.Count >= total);
        Assert.All(read.TakeLast(Keys - (extra % Keys)), r => Assert.Equal(total / Keys, r.Value));
        output.WriteLine($"{restored.Count} of {2 * (Updates + extra)} records restored, {extra} sent while waiting for a file");
        Assert.InRange(restored.Count, 0, 2 * (extra + 1));
    }

    [SkippableFact]
    public async Task A_damaged_file_is_reported_with_its_path_and_the_stores_are_filled_from_their_changelogs()
    {
        await using var scene = await SceneAsync();
        using (var stores = new RocksDbStores(CountProgram.Options))
        {
            var first = await StartAsync(scene, stores);
            await scene.ReadAsync("out", Serdes.Int64, r => r.Count == Updates);
            await first.StopAsync();
        }

        var damaged = Files().Select(DamageMiddle).ToList();
        using var restored = new RestoredRecords(scene.Id);
        using var again = new RocksDbStores(CountProgram.Options);
        var reported = new List<StoreCorruptedException>();
        again.StateDeleted += (_, error) => reported.Add(error);
        await using var second = await StartAsync(scene, again);

        await OneMoreOfEachAsync(scene, Updates / Keys);
        Assert.Contains(Assert.Single(reported).File, damaged);
        Assert.Equal(2 * Updates, restored.Count);
    }

    [SkippableFact]
    public async Task A_state_that_its_changelog_does_not_reach_is_filled_anew()
    {
        await using var scene = await SceneAsync();
        using (var stores = new RocksDbStores(CountProgram.Options))
        {
            var first = await StartAsync(scene, stores);
            await scene.ReadAsync("out", Serdes.Int64, r => r.Count == Updates);
            await first.StopAsync();
        }

        // Someone deleted the changelog: the next one begins at 0 again.
        using (var admin = scene.Client.CreateAdmin())
            await admin.DeleteTopicsAsync([$"{scene.Id}-counts-changelog"], scene.GivesUp);
        using var restored = new RestoredRecords(scene.Id);
        using var again = new RocksDbStores(CountProgram.Options);
        await using var second = await StartAsync(scene, again);

        await OneMoreOfEachAsync(scene, 0);
        Assert.Equal(0, restored.Count);
    }

    [SkippableFact]
    public async Task A_global_store_begins_empty_and_holds_what_its_topic_holds()
    {
        await using var scene = await SceneAsync();
        foreach (var (topic, keys) in new[] { ("people", 0..5_000), ("people-now", 4_000..6_000) })
        {
            await scene.CreateAsync(topic, 2);
            await scene.ProduceAsync(topic, Enumerable.Range(keys.Start.Value, keys.End.Value - keys.Start.Value).Select(i => ($"p{i}", $"{topic} {i}", Start)));
        }

        using (var stores = new RocksDbStores(CountProgram.Options))
            Assert.Equal(5_000, await PeopleAsync("people", stores, "p4000", "people 4000"));
        using var again = new RocksDbStores(CountProgram.Options);

        // The same store on another topic: whoever is in it no more was deleted, as far as the store can tell.
        Assert.Equal(2_000, await PeopleAsync("people-now", again, "p4000", "people-now 4000"));

        async Task<int> PeopleAsync(string topic, RocksDbStores stores, string key, string value)
        {
            var builder = new StreamBuilder();
            builder.GlobalTable(scene.Topic(topic), null, Materialized.As<string, string>("people"));
            var application = await scene.StartAsync(builder.Build(), c => (c.DefaultStores, c.StateDirectory) = (stores, _folder.Path));
            await scene.UntilAsync(application, KafkaStreamState.Running);
            var people = application.Store(QueryableStore.KeyValue<string, string>("people"));
            Assert.Equal(value, people.Get(key));
            var count = people.All().Count();
            await application.StopAsync();
            return count;
        }
    }

    private async Task<KafkaScene> SceneAsync()
    {
        TaskState.SkipWhereMissing();
        var scene = new KafkaScene(broker, new TestLog(output));
        await scene.CreateAsync("in");
        await scene.CreateAsync("out");
        await scene.ProduceAsync("in", Enumerable.Range(0, Updates).Select(i => ($"k{i % Keys}", "x", Start + i)));
        return scene;
    }

    private async Task<KafkaStream> StartAsync(KafkaScene scene, RocksDbStores stores, Action<StreamConfig>? configure = null, Action? seen = null) =>
        await scene.StartAsync(CountProgram.Topology(scene.Topic("in"), scene.Topic("out"), seen), c =>
        {
            c.DefaultStores = stores;
            c.StateDirectory = _folder.Path;
            configure?.Invoke(c);
        });

    /// <summary>One record of each key goes in, and each key's count is one more than <paramref name="before"/>.</summary>
    private static async Task OneMoreOfEachAsync(KafkaScene scene, long before)
    {
        await scene.ProduceAsync("in", Enumerable.Range(0, Keys).Select(i => ($"k{i}", "x", Start + Updates)));
        var read = await scene.ReadAsync("out", Serdes.Int64, r => r.Count == Updates + Keys);
        Assert.All(read.TakeLast(Keys), r => Assert.Equal(before + 1, r.Value));
    }

    /// <summary>Waits until the application has committed that many records of its input.</summary>
    private static void Committed(KafkaScene scene, long records)
    {
        using var consumer = scene.Client.CreateConsumer(new() { GroupId = scene.Id });
        while (!consumer.Committed([new(scene.Topic("in"), 0)], TimeSpan.FromSeconds(10)).Any(c => c.Offset >= records))
            scene.GivesUp.ThrowIfCancellationRequested();
    }

    private HashSet<string> Files() => [.. Directory.EnumerateFiles(_folder.Path, "*.sst", SearchOption.AllDirectories)];

    /// <summary>Tells when so many have come.</summary>
    private sealed class Countdown(int count)
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _left = count;

        public Task Done => _done.Task;

        public void Signal()
        {
            if (Interlocked.Decrement(ref _left) == 0)
                _done.TrySetResult();
        }
    }

    private static string DamageMiddle(string file)
    {
        var bytes = File.ReadAllBytes(file);
        bytes.AsSpan(bytes.Length / 3, Math.Min(64, bytes.Length / 3)).Fill(0xA5);
        File.WriteAllBytes(file, bytes);
        return file;
    }
}
