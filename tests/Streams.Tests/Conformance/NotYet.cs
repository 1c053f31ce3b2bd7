using Streams.Oracle;

namespace Streams.Tests.Conformance;

/// <summary>What the engine does not do yet, with reasons. Empty when it is whole.</summary>
internal static class NotYet
{
    private const string Emitted = "final results on a leap of stream time: ours are kept, and others leave in another order";
    private const string Buffered = "the order of a versioned join with grace, or of waiting for an empty input, differs";

    /// <summary>Scenarios by name.</summary>
    public static IReadOnlyDictionary<string, string> Scenarios { get; } = new Dictionary<string, string>
    {
        ["bad-input-dead-letters"] = "the header with the exception's class names a .NET class",
        ["processing-error-continue"] = "the header with the exception's class names a .NET class",
        ["stream-table-idle"] = Buffered,
        ["suppress-window-shut-down-when-full"] = "a full buffer is a StreamsException, not a ProcessorStateException",
        ["emit-close-tumbling-leap-cache-off"] = Emitted,
        ["emit-close-session-leap"] = Emitted,
        ["emit-close-session-leap-cache-off"] = Emitted,
        ["emit-close-sliding-leap"] = Emitted,
        ["emit-close-sliding"] = Emitted,
        ["emit-close-hopping-order"] = Emitted,
        ["emit-close-tumbling-order"] = Emitted,
        ["emit-close-hopping"] = Emitted,
        ["emit-close-tumbling"] = Emitted,
        ["emit-close-session"] = Emitted,
    };

    /// <summary>Topologies of random scenarios, by name.</summary>
    public static IReadOnlyDictionary<string, string> Random { get; } = new Dictionary<string, string>
    {
        ["emit-close-tumbling"] = Emitted,
        ["emit-close-hopping"] = Emitted,
        ["emit-close-sliding"] = Emitted,
        ["emit-close-session"] = Emitted,
        ["stream-table-left"] = Buffered,
        ["stream-table-inner"] = Buffered,
    };

    // The record cache and the stores of RocksDB's kind are still to come.
    private static readonly string[] Always = ["cache=off", "store=memory"];
    private static readonly string[] Never = ["versioned=60000", "versioned=5000", "emit=update", "emit=close", "format=headers"];

    /// <summary>The variants of a topology's options that the engine has.</summary>
    public static IReadOnlyList<string[]> Allowed(IReadOnlyList<string[]> variants) =>
        [.. variants.Where(v => !v.Intersect(Never).Any()).Select(v => v.Union(Always).ToArray())];

    public static IReadOnlyList<string> Optimizations { get; } = ["none", "all"];

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
            : null;
    }
}
