using Streams.Oracle;

namespace Streams.Tests.Conformance;

/// <summary>The scenario language itself, where the oracle is not there to compare with.</summary>
public sealed class LanguageTests
{
    [Fact]
    public void A_line_is_echoed_and_what_it_caused_follows() =>
        Assert.Equal(
            ["# topology filter-map", "# in in k1 a 5", "out out k1 A 5", "# in in - b 6 h=v", "out out - B 6 h=v"],
            Run("topology filter-map", "", "# a comment", "in in k1 a 5", " in in - b 6 h=v "));

    [Fact]
    public void An_unknown_topology_option_or_value_ends_the_scenario()
    {
        Assert.Equal(["# topology nowhere", "error IllegalArgumentException"], Run("topology nowhere", "in in k1 a 1"));
        Assert.Equal(["# topology count size=5", "error IllegalArgumentException"], Run("topology count size=5", "in in k1 a 1"));
        Assert.Equal(["# topology count cache", "error IllegalArgumentException"], Run("topology count cache"));
    }

    [Fact]
    public void A_bad_line_leaves_the_driver_as_it_was() =>
        Assert.Equal(
            [
                "# topology count", "# in nowhere k1 a 1", "error IllegalArgumentException", "# jump", "error IllegalArgumentException",
                "# store other all", "error IllegalArgumentException", "# in in k1 a 2", "out out k1 1 2",
            ],
            Run("topology count", "in nowhere k1 a 1", "jump", "store other all", "in in k1 a 2"));

    [Fact]
    public void An_error_stops_what_runs_but_stores_can_still_be_asked() =>
        Assert.Equal(
            [
                "# topology long-input", "# in in k1 5 1", "out out k1 5 1", "# in in k1 hex:0102 2", "error StreamsException",
                "# in in k1 6 3", "stopped", "# advance 5", "stopped", "# metric dropped-records-total", "metric dropped-records-total 0",
            ],
            Run("topology long-input", "in in k1 5 1", "in in k1 hex:0102 2", "in in k1 6 3", "advance 5", "metric dropped-records-total"));

    [Fact]
    public void Text_is_cut_at_commas_as_Java_cuts_it()
    {
        Assert.Equal(["a", "", "b"], Texts.Parts("a,,b,,"));
        Assert.Equal([""], Texts.Parts(""));
        Assert.Empty(Texts.Parts(","));
        Assert.Empty(Texts.Parts(null));
    }

    [Fact]
    public void The_random_numbers_are_Javas()
    {
        var random = new JavaRandom(42);

        Assert.Equal([30, 63, 48, 84, 70], Enumerable.Range(0, 5).Select(_ => random.Next(100)).ToList());
    }

    private static List<string> Run(params string[] lines)
    {
        var output = new List<string>();
        Scenario.Run(lines, output.Add);
        return output;
    }
}
