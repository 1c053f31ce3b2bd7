namespace Streams.Tests.Tables;

/// <summary>A table's values made anew by an object with state.</summary>
public sealed class TransformValuesTests
{
    [Fact]
    public void The_transformer_sees_deletions_and_uses_its_stores()
    {
        using var scene = TableScene.Of(b => Counting(b, b.Table<string, string>("in")));

        Assert.Equal(["k a#1@1"], scene.Pipe("in", "k", "a", 1));
        Assert.Equal(["k -@2"], scene.Pipe("in", "k", null, 2));
        Assert.Equal(["k b#3@3"], scene.Pipe("in", "k", "b", 3));
    }

    [Fact]
    public void A_join_that_reads_it_without_a_store_transforms_again()
    {
        using var scene = TableScene.Of(b => Counting(b, b.Table<string, string>("in"))
            .Join(b.Table<string, string>("other"), (left, right) => $"{left}+{right}"));

        Assert.Empty(scene.Pipe("in", "k", "a", 1));
        Assert.Equal(["k a#2+o@5"], scene.Pipe("other", "k", "o", 5));
    }

    [Fact]
    public void A_store_that_was_not_named_is_out_of_reach()
    {
        var error = Assert.Throws<TopologyException>(() => TableScene.Of(b =>
        {
            b.AddStateStore(Stores.KeyValue("counts", Serdes.String, Serdes.Int64));
            return b.Table<string, string>("in").TransformValues(() => new Counted(), named: "counting");
        }));

        Assert.Contains("'counting' is not connected to a store 'counts'", error.Message, StringComparison.Ordinal);
    }

    private static KTable<string, string> Counting(StreamBuilder builder, KTable<string, string> table)
    {
        builder.AddStateStore(Stores.KeyValue("counts", Serdes.String, Serdes.Int64));
        return table.TransformValues(() => new Counted(), Materialized.With(Serdes.String, Serdes.String), stores: ["counts"]);
    }

    private sealed class Counted : ValueTransformer<string, string, string>
    {
        private IKeyValueStore<string, long> _counts = null!;

        public override void Init() => _counts = Context.GetStateStore<IKeyValueStore<string, long>>("counts");

        public override string? Transform(string key, string? value)
        {
            var count = _counts.Get(key) + 1;
            _counts.Put(key, count);
            return value is null ? null : $"{value}#{count}";
        }
    }
}
