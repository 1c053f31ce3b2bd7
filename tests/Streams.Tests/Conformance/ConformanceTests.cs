
namespace Streams.Tests.Conformance;

/// <summary>What Apache Kafka Streams did in a scenario, the engine does, line for line.</summary>
public sealed class ConformanceTests(OracleProcess oracle) : IClassFixture<OracleProcess>
{
    private const string Cache = "Kafka Streams' record cache shows in it; the engine has none yet";
    private const string Language = "it tests the scenario language, not the engine";

    // Scenarios of known topologies that are not run, each with its reason.
    private static readonly Dictionary<string, string> NotYet = new()
    {
        ["aggregate-returns-null"] = Cache,
        ["reduce-returns-null"] = Cache,
        ["multi-update-cache-on"] = Cache,
        ["null-values-windowed-reduce"] = Cache,
        ["table-source-null-key"] = Cache,
        ["tumbling-in-memory-retention"] = Cache,
        ["tumbling-rocksdb-retention"] = Cache,
        ["tumbling-late-no-grace"] = "rows past their retention stay readable in Kafka Streams' cache and RocksDB segments",
        ["hopping-updates"] = "rows past their retention stay readable in Kafka Streams' cache and RocksDB segments",
        ["stream-inner-late"] = "RocksDB's segments keep windows longer than memory does",
        ["self-join-optimized"] = "the optimiser does not rewrite self joins yet",
        ["self-join-plain"] = "Describe() lists a node's parents in another order",
        ["stream-rekey-join"] = "Describe() lists a node's parents in another order",
        ["stream-inner-window-bounds"] = "Describe() lists a node's parents in another order",
        ["dedup-rocksdb-expiry"] = "RocksDB's segments keep windows longer than memory does",
        ["store-ranges"] = "prefix scans come with the other stores",
        ["store-ranges-in-memory"] = "prefix scans come with the other stores",
        ["branch-order"] = "Describe() lists equal successors in the order of Java's hash table",
        ["dynamic-topic"] = "Describe() cannot show a class name where there is a lambda",
        ["bad-input-dead-letters"] = "the header with the exception's class names a .NET class",
        ["processing-error-continue"] = "the header with the exception's class names a .NET class",
        ["unknown-option"] = Language,
        ["unknown-topic"] = Language,
    };

    private static readonly string[] KnownOptions =
        ["size", "advance", "grace", "retention", "cache", "store", "internal", "interval", "wallclock", "type", "cancel", "logging", "default", "within", "handler", "dlq", "caching", "invalid", "before", "after", "optimize"];

    public static IEnumerable<object[]> Recorded() =>
        Oracle is null
            ? [["(none)"]]
            : Directory.GetFiles(Path.Combine(Oracle, "scenarios"), "*.in")
                .Where(IsKnown)
                .Select(f => new object[] { Path.GetFileNameWithoutExtension(f) });

    [SkippableTheory]
    [MemberData(nameof(Recorded))]
    public void A_recorded_scenario_gives_what_Kafka_Streams_gave(string name)
    {
        Skip.If(Oracle is null, "no ../shared/kafka-streams beside the repository (or STREAMS_SHARED/kafka-streams)");
        Skip.If(NotYet.TryGetValue(name, out var why), why);
        var file = Path.Combine(Oracle, "scenarios", name);

        var output = ScenarioRunner.Run(File.ReadAllLines($"{file}.in"));

        Assert.Equal(File.ReadAllLines($"{file}.out"), output);
    }

    /// <summary>The oracle, asked without its cache and with stores in memory: what the engine has so far.</summary>
    public static TheoryData<string> Generated() => [.. KnownTopologies.All.Keys.Except(["long-input"])];

    [SkippableTheory]
    [MemberData(nameof(Generated))]
    public async Task A_random_scenario_gives_what_Kafka_Streams_gives(string topology)
    {
        Skip.If(Oracle is null, "no ../shared/kafka-streams beside the repository (or STREAMS_SHARED/kafka-streams)");
        Skip.IfNot(JavaIsHere, "no java on this machine");
        oracle.Start(Oracle);
        for (var seed = 1; seed <= 3; seed++)
        {
            var scenario = await oracle.AskAsync([$"generate {topology} {seed} 300 cache=off store=memory internal=on"]);
            var expected = await oracle.AskAsync(scenario);

            Assert.Equal(expected, ScenarioRunner.Run(scenario));
        }
    }

    private static bool JavaIsHere { get; } =
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, "java")));

    private static bool IsKnown(string file)
    {
        var words = File.ReadLines(file).First(l => l.Length > 0 && !l.StartsWith('#')).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words.Length > 1
            && KnownTopologies.All.ContainsKey(words[1])
            && words.Skip(2).All(o => KnownOptions.Contains(o.Split('=')[0]));
    }

    private static string? Oracle { get; } = Find();

    private static string? Find()
    {
        var given = Environment.GetEnvironmentVariable("STREAMS_SHARED");
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (!File.Exists(Path.Combine(folder.FullName, "Streams.sln")))
                continue;

            var oracle = Path.Combine(given ?? Path.Combine(folder.FullName, "..", "shared"), "kafka-streams");
            return Directory.Exists(oracle) ? Path.GetFullPath(oracle) : null;
        }

        return null;
    }
}
