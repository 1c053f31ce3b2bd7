using Monitor.Queries;

namespace Monitor.Tests.Queries;

public sealed class LabelSelectorTests
{
    private static readonly Dictionary<string, string> Labels = new() { ["zone"] = "eu-1", ["role"] = "web", ["gpu"] = "", ["app.io/tier"] = "gold" };

    [Theory]
    [InlineData("", true)]
    [InlineData("  ", true)]
    [InlineData("zone=eu-1", true)]
    [InlineData("zone==eu-1", true)]
    [InlineData("zone = eu-1 , role != batch", true)]
    [InlineData("zone=eu-2", false)]
    [InlineData("zone=eu-1,role=batch", false)]
    [InlineData("missing!=anything", true)]
    [InlineData("missing=anything", false)]
    [InlineData("zone in (eu-1,eu-2)", true)]
    [InlineData("zone in (eu-3)", false)]
    [InlineData("zone notin (eu-1)", false)]
    [InlineData("missing notin (x)", true)]
    [InlineData("zone", true)]
    [InlineData("!zone", false)]
    [InlineData("!missing", true)]
    [InlineData("gpu=", true)]
    [InlineData("app.io/tier=gold", true)]
    [InlineData("in in (x)", false)]
    public void A_selector_matches_as_in_Kubernetes(string text, bool expected)
    {
        Assert.True(LabelSelector.TryParse(text, out var selector, out var fault), fault);

        Assert.Equal(expected, selector.Matches(Labels));
    }

    [Theory]
    [InlineData("zone=eu-1,,x", 11)]
    [InlineData("=x", 1)]
    [InlineData("zone eu", 6)]
    [InlineData("zone in eu", 9)]
    [InlineData("zone in (a", 11)]
    [InlineData("zone=a;b", 7)]
    [InlineData("zone=a,", 8)]
    [InlineData("!", 2)]
    [InlineData("zone>1", 5)]
    public void A_broken_selector_is_told_where_it_breaks(string text, int position)
    {
        Assert.False(LabelSelector.TryParse(text, out _, out var fault));

        Assert.Contains($"character {position}:", fault, StringComparison.Ordinal);
    }
}
