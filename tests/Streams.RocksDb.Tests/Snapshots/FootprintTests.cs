using Streams.State;
using Xunit;

namespace Streams.RocksDb.Tests.Snapshots;

/// <summary>What a store says that it takes.</summary>
public sealed class FootprintTests
{
    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_store_on_disk_tells_what_it_takes_before_and_after_its_rows_are_written(bool cached)
    {
        using var scene = new StoreScene(Streams.Stores.KeyValue(StoreScene.Name, Serdes.Int32, Serdes.String), "written", cached);
        var store = (IKeyValueStore<int, string>)scene.Store;
        var empty = ((IMeasurable)store).ByteCount;

        scene.Process([() => store.Put(1, new string('a', 4000))]);
        (scene.Store as IFlushableCache)?.FlushCache();
        var waiting = ((IMeasurable)store).ByteCount;
        scene.Commit();
        var written = ((IMeasurable)store).ByteCount;

        Assert.True(waiting >= empty + 4000, $"{empty}, then {waiting}");
        Assert.True(written >= 4000, $"{written}");
    }

    [Fact]
    public void Of_objects_in_memory_nobody_knows_the_size()
    {
        using var scene = new StoreScene(Streams.Stores.KeyValue(StoreScene.Name, Serdes.Int32, Serdes.String), "memory", cached: true);

        Assert.Null(((IMeasurable)scene.Store).ByteCount);
    }
}
