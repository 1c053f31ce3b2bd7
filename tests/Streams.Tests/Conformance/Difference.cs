using System.Text.RegularExpressions;

namespace Streams.Tests.Conformance;

/// <summary>Where the engine's answer differs from Kafka Streams' on purpose, as docs/engine-differences.md tells users.</summary>
internal static partial class Difference
{
    /// <summary>The scenarios in the first column of the table.</summary>
    public static IReadOnlySet<string> Listed { get; } = Read(Path.Combine(AppContext.BaseDirectory, "Conformance", "engine-differences.md"));

    /// <summary>Fails where two answers to a scenario differ; says the first line that does, and what led to it.</summary>
    public static void AssertNone(IReadOnlyList<string> scenario, IReadOnlyList<string> expected, IReadOnlyList<string> actual)
    {
        for (var i = 0; i < Math.Max(expected.Count, actual.Count); i++)
        {
            var (want, got) = (Line(expected, i), Line(actual, i));
            if (want == got || Same(want, got))
                continue;

            var before = string.Join('\n', Enumerable.Range(Math.Max(0, i - 12), Math.Min(12, i)).Select(n => $"        {Line(expected, n)}"));
            Assert.Fail($"{scenario[0]}\nline {i + 1}:\n{before}\nexpect: {want}\nactual: {got}");
        }
    }

    /// <summary>
    /// Fails where the answers to a listed scenario do not differ, or where more differs than may: what Kafka Streams says, but for its errors, is to be
    /// there in its order.
    /// </summary>
    public static void AssertListed(string name, IReadOnlyList<string> expected, IReadOnlyList<string> actual)
    {
        Assert.False(expected.SequenceEqual(actual), $"'{name}' gives what Kafka Streams gives: take it out of docs/engine-differences.md.");
        var at = 0;
        foreach (var want in expected.Where(line => line != "stopped" && !line.StartsWith("error ", StringComparison.Ordinal)))
        {
            while (at < actual.Count && !Same(want, actual[at]))
                at++;
            Assert.True(at < actual.Count, $"'{name}' lacks what Kafka Streams gives: {want}");
            at++;
        }
    }

    private static string Line(IReadOnlyList<string> lines, int i) => i < lines.Count ? lines[i] : "(nothing)";

    // A dead letter's headers tell of a .NET exception, not of a Java one: the line of the table is there for its recorded scenarios.
    private static bool Same(string want, string got) => DeadLetterError().Replace(want, "") == DeadLetterError().Replace(got, "");

    private static HashSet<string> Read(string file) =>
    [
        .. File.ReadLines(file)
            .SkipWhile(line => !line.StartsWith("| Scenario or topology |", StringComparison.Ordinal))
            .TakeWhile(line => line.StartsWith('|'))
            .SelectMany(line => Names().Matches(line.Split('|')[1]))
            .Select(match => match.Groups[1].Value),
    ];

    [GeneratedRegex(@"__streams\.errors\.(exception|message)=\S+")]
    private static partial Regex DeadLetterError();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Names();
}
