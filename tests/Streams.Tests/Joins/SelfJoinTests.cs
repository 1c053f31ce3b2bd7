using static Streams.Tests.Joins.JoinScene;
using static Streams.Tests.Windows.Ticks;

namespace Streams.Tests.Joins;

/// <summary>A stream joined with itself: each record meets itself, and each pair comes both ways round.</summary>
public sealed class SelfJoinTests
{
    private static readonly JoinWindows Windows = JoinWindows.OfTimeDifferenceAndGrace(Ms(10), Ms(100));

    [Theory]
    [InlineData(TopologyOptimization.None)]
    [InlineData(TopologyOptimization.All)]
    public void Every_record_meets_itself_and_those_near_it_both_ways_round(TopologyOptimization optimization)
    {
        using var scene = Scene(optimization);

        Assert.Equal(["k a+a@100"], scene.Pipe("k", "a", 100));
        Assert.Equal(["k b+a@105", "k a+b@105", "k b+b@105"], scene.Pipe("k", "b", 105));
        Assert.Equal(["k c+c@200"], scene.Pipe("k", "c", 200));
        Assert.Equal(["other d+d@100"], scene.Pipe("other", "d", 100));
    }

    [Fact]
    public void Optimised_it_has_one_store_and_the_same_results_late_records_included()
    {
        using var plain = Scene(TopologyOptimization.None);
        using var optimised = Scene(TopologyOptimization.All);

        foreach (var (value, at) in new (string, long)[] { ("a", 100), ("b", 95), ("c", 95), ("d", 110), ("late", 1), ("e", 300), ("too late", 150) })
            Assert.Equal(plain.Pipe("k", value, at), optimised.Pipe("k", value, at));

        Assert.Equal((2, 1), (plain.Driver.GetAllStateStores().Count, optimised.Driver.GetAllStateStores().Count));
    }

    private static OneTopicScene Scene(TopologyOptimization optimization) => new(
        b =>
        {
            var stream = b.Stream<string, string>("in");
            return stream.Join(stream, Pair, Windows);
        },
        optimization);
}
