using System.Text.RegularExpressions;

namespace Streams.Tests.Conformance;

/// <summary>Where the engine's answer differs from Kafka Streams' on purpose: one line each, told to users in docs/engine.md.</summary>
/// <param name="Scenarios">The scenario's first line, as a pattern.</param>
/// <param name="Lines">What differs, as a pattern; what it matches is not compared.</param>
/// <param name="Reason">Why.</param>
internal sealed record Difference(string Scenarios, string Lines, string Reason)
{
    public static IReadOnlyList<Difference> OnPurpose { get; } =
    [
        new("dlq=", @"__streams\.errors\.(exception|message)=\S+", "an error's class and message are .NET's, not Java's"),
    ];

    /// <summary>Compares two answers to a scenario; says the first line that differs, and what led to it.</summary>
    public static void AssertNone(IReadOnlyList<string> scenario, IReadOnlyList<string> expected, IReadOnlyList<string> actual)
    {
        var excused = OnPurpose.Where(d => Regex.IsMatch(scenario[0], d.Scenarios)).Select(d => new Regex(d.Lines)).ToList();
        for (var i = 0; i < Math.Max(expected.Count, actual.Count); i++)
        {
            var (want, got) = (Line(expected, i), Line(actual, i));
            if (want == got || Excused(want, excused) == Excused(got, excused))
                continue;

            var before = string.Join('\n', Enumerable.Range(Math.Max(0, i - 12), Math.Min(12, i)).Select(n => $"        {Line(expected, n)}"));
            Assert.Fail($"{scenario[0]}\nline {i + 1}:\n{before}\nexpect: {want}\nactual: {got}");
        }
    }

    private static string Line(IReadOnlyList<string> lines, int i) => i < lines.Count ? lines[i] : "(nothing)";

    private static string Excused(string line, List<Regex> excused) =>
        excused.Aggregate(line, (text, pattern) => pattern.Replace(text, "(differs on purpose)"));
}
