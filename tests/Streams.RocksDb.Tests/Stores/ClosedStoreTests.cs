using Streams.TestKit;
using Xunit;

namespace Streams.RocksDb.Tests;

public sealed class ClosedStoreTests
{
    [SkippableFact]
    public void A_store_of_any_kind_that_is_used_after_its_task_has_closed_says_so()
    {
        TaskState.SkipWhereMissing();
        using var stores = new RocksDbStores(TaskState.Options);
        var builder = new StreamBuilder();
        builder.AddStateStore(Streams.Stores.KeyValue("values", Serdes.String, Serdes.String));
        builder.AddStateStore(Streams.Stores.Window("windows", Serdes.String, Serdes.String, TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(1)));
        builder.Stream<string, string>("in").Process(() => new Keep(), stores: ["values", "windows"]);
        var driver = new TopologyTestDriver(builder.Build(), new StreamConfig { ApplicationId = "app", DefaultStores = stores });
        driver.CreateInputTopic<string, string>("in").PipeInput("k", "v", 1_000);
        var values = driver.GetKeyValueStore<string, string>("values");
        var windows = driver.GetWindowStore<string, string>("windows");
        Assert.Equal("v", values.Get("k"));

        driver.Dispose();

        Assert.Throws<StoreClosedException>(() => values.Get("k"));
        Assert.Throws<StoreClosedException>(() => values.Put("k", "w"));
        Assert.Throws<StoreClosedException>(() => values.All());
        Assert.Throws<StoreClosedException>(() => windows.TryFetch("k", 1_000, out _));
        Assert.Throws<StoreClosedException>(() => windows.FetchAll(0, 2_000));
    }

    private sealed class Keep : Processor<string, string, string, string>
    {
        public override void Process(in Record<string, string> record)
        {
            Context.GetStateStore<IKeyValueStore<string, string>>("values").Put(record.Key, record.Value);
            Context.GetStateStore<IWindowStore<string, string>>("windows").Put(record.Key, record.Value, record.Timestamp);
        }
    }
}
