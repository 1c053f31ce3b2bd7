using Streams.Oracle;

namespace Streams.Tests.Conformance;

/// <summary>What Apache Kafka Streams did in a recorded scenario, the engine does, line for line.</summary>
public sealed class RecordedScenarioTests
{
    private static string OwnFolder { get; } = Path.Combine(AppContext.BaseDirectory, "Conformance", "Scenarios");

    public static TheoryData<string> Shared() => Names(OracleProcess.Folder is { } folder ? Path.Combine(folder, "scenarios") : null);

    public static TheoryData<string> Own() => Names(OwnFolder);

    [SkippableTheory]
    [MemberData(nameof(Shared))]
    public void A_scenario_of_the_oracle_gives_what_Kafka_Streams_gave(string name)
    {
        OracleProcess.SkipIfFolderMissing();
        Check(Path.Combine(OracleProcess.Folder!, "scenarios"), name);
    }

    [SkippableTheory]
    [MemberData(nameof(Own))]
    public void A_scenario_of_our_own_gives_what_Kafka_Streams_gave(string name) => Check(OwnFolder, name);

    private static void Check(string folder, string name)
    {
        var lines = File.ReadAllLines(Path.Combine(folder, $"{name}.in"));
        var expected = File.ReadAllLines(Path.Combine(folder, $"{name}.out"));

        var output = new List<string>();
        Scenario.Run(lines, output.Add);

        if (Difference.Listed.Contains(name))
            Difference.AssertListed(name, expected, output);
        else
            Difference.AssertNone([.. lines.SkipWhile(l => l.StartsWith('#'))], expected, output);
    }

    [SkippableFact]
    public void Each_difference_on_purpose_has_a_scenario_that_shows_it()
    {
        OracleProcess.SkipIfFolderMissing();
        string[] folders = [OwnFolder, Path.Combine(OracleProcess.Folder!, "scenarios")];

        Assert.All(Difference.Listed, name => Assert.Contains(folders, folder => File.Exists(Path.Combine(folder, $"{name}.in"))));
    }

    private static TheoryData<string> Names(string? folder) =>
        folder is null || !Directory.Exists(folder)
            ? ["(none)"]
            : [.. Directory.GetFiles(folder, "*.in").Select(f => Path.GetFileNameWithoutExtension(f)!).Order(StringComparer.Ordinal)];
}
