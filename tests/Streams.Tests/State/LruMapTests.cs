using Streams.TestKit;

namespace Streams.Tests.State;

/// <summary>A store that holds at most so many keys.</summary>
public sealed class LruMapTests : IDisposable
{
    private readonly TopologyTestDriver _driver = new(
        new Topology()
            .AddSource("source", Serdes.String, Serdes.String, "in")
            .AddProcessor("keep", () => new Keep(), "source")
            .AddStateStore(Stores.LruMap("latest", 2, Serdes.String, Serdes.String), "keep"));

    private IKeyValueStore<string, string> Store => _driver.GetKeyValueStore<string, string>("latest");

    public void Dispose() => _driver.Dispose();

    [Fact]
    public void A_new_key_pushes_out_the_one_put_least_lately()
    {
        Put(("b", "1"), ("a", "2"), ("c", "3"));

        Assert.Equal(["a=2", "c=3"], Store.All().Select(e => $"{e.Key}={e.Value}"));
        Assert.Equal(["c=3", "a=2"], Store.ReverseAll().Select(e => $"{e.Key}={e.Value}"));
        Assert.Equal(2, Store.Count);
    }

    [Fact]
    public void Reading_a_key_or_putting_it_again_keeps_it()
    {
        Put(("a", "1"), ("b", "2"));
        Store.Get("a");
        Put(("c", "3"));
        Assert.Equal(["a", "c"], Store.All().Select(e => e.Key));

        Put(("a", "4"), ("d", "5"));
        Assert.Equal(["a", "d"], Store.All().Select(e => e.Key));
    }

    [Fact]
    public void Listing_keeps_nothing()
    {
        Put(("a", "1"), ("b", "2"));
        _ = Store.Range("a", "a").Count();
        Put(("c", "3"));

        Assert.Equal(["b", "c"], Store.All().Select(e => e.Key));
    }

    [Fact]
    public void What_is_pushed_out_leaves_the_changelog_before_what_pushed_it_out_enters()
    {
        Put(("a", "1"), ("b", "2"), ("c", "3"));

        var changelog = _driver.CreateOutputTopic<string, string>("test-latest-changelog");
        Assert.Equal(["a=1", "b=2", "a=", "c=3"], changelog.ReadRecordsToList().Select(r => $"{r.Key}={r.Value}"));
    }

    [Fact]
    public void A_deletion_makes_room()
    {
        Put(("a", "1"), ("b", "2"), ("a", null), ("c", "3"));

        Assert.Equal(["b", "c"], Store.All().Select(e => e.Key));
        Assert.Empty(Store.PrefixScan("a", Serdes.String));
        Assert.Single(Store.PrefixScan("b", Serdes.String));
    }

    private void Put(params (string Key, string? Value)[] entries)
    {
        var input = _driver.CreateInputTopic<string, string>("in");
        foreach (var (key, value) in entries)
            input.PipeInput(key, value!);
    }

    private sealed class Keep : Processor<string, string, string, string>
    {
        public override void Process(in Record<string, string> record) =>
            Context.GetStateStore<IKeyValueStore<string, string>>("latest").Put(record.Key, record.Value);
    }
}
