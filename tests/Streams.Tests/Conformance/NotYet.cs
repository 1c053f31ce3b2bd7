using Streams.Oracle;

namespace Streams.Tests.Conformance;

/// <summary>What the engine does not do yet, with reasons. Empty when it is whole.</summary>
internal static class NotYet
{
    private const string Cache = "the record cache shows in it";
    private const string Retention = "rows past their retention stay readable in Kafka Streams' cache and in RocksDB's segments";
    private const string Description = "Describe() differs";

    /// <summary>Scenarios by name.</summary>
    public static IReadOnlyDictionary<string, string> Scenarios { get; } = new Dictionary<string, string>
    {
        ["aggregate-returns-null"] = Cache,
        ["reduce-returns-null"] = Cache,
        ["multi-update-cache-on"] = Cache,
        ["multi-update-caching-disabled"] = Cache,
        ["null-values-windowed-reduce"] = Cache,
        ["table-source-null-key"] = Cache,
        ["table-source-optimized"] = "topologies are not optimised",
        ["tumbling-in-memory-retention"] = Retention,
        ["tumbling-rocksdb-retention"] = Retention,
        ["tumbling-late-no-grace"] = Retention,
        ["hopping-updates"] = Retention,
        ["dedup-rocksdb-expiry"] = Retention,
        ["store-ranges"] = "prefix scans",
        ["store-ranges-in-memory"] = "prefix scans",
        ["branch-order"] = Description,
        ["dynamic-topic"] = Description,
        ["bad-input-dead-letters"] = "headers of dead letters",
        ["versioned-table-to-stream"] = "versioned stores",
        ["branch"] = Description,
        ["windowed-count"] = Retention,
        ["windowed-aggregate"] = Retention,
        ["windowed-reduce"] = Retention,
        ["hopping-count"] = Retention,
        ["dedup"] = Retention,
        ["multi-update-count"] = Cache,
        ["reduce-delete"] = Cache,
        ["table-to-stream"] = Cache,
    };

    /// <summary>Topologies by name, of scenarios that are recorded or random.</summary>
    public static IReadOnlyDictionary<string, string> Topologies { get; } = new Dictionary<string, string>();

    // The record cache, the stores of RocksDB's kind, and the optimiser are still to come.
    private static readonly string[] Always = ["cache=off", "store=memory"];
    private static readonly string[] Never = ["optimize=all", "versioned=60000", "versioned=5000", "emit=update", "emit=close", "format=headers"];

    /// <summary>The variants of a topology's options that the engine has.</summary>
    public static IReadOnlyList<string[]> Allowed(IReadOnlyList<string[]> variants) =>
        [.. variants.Where(v => !v.Intersect(Never).Any()).Select(v => v.Union(Always).ToArray())];

    public static IReadOnlyList<string> Optimizations { get; } = ["none"];

    public static void SkipIfListed(string scenario)
    {
        if (Scenarios.TryGetValue(scenario, out var why))
            Skip.If(true, why);
    }

    public static void SkipIfListed(IReadOnlyList<string> lines)
    {
        if (ReasonFor(lines) is { } why)
            Skip.If(true, why);
    }

    /// <summary>Why a scenario cannot run; null where it can.</summary>
    public static string? ReasonFor(IEnumerable<string> lines)
    {
        var words = Words.Of(lines.First(l => l.Length > 0 && !l.StartsWith('#')));
        return words.Length < 2 ? null
            : !Catalogue.All.ContainsKey(words[1]) ? $"the engine does not run '{words[1]}' yet"
            : Topologies.GetValueOrDefault(words[1]);
    }
}
