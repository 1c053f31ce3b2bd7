using Streams.Oracle;

namespace Streams.Tests.Conformance;

/// <summary>The combinations of options that a topology's random scenarios run with.</summary>
internal static class OptionVariants
{
    private static readonly string[][] Every =
    [
        ["internal=on"],
        ["cache=off", "store=memory", "internal=on"],
        ["cache=off", "internal=on"],
        ["store=memory"],
        ["optimize=all", "internal=on"],
    ];

    public static IReadOnlyList<string[]> Of(string topology)
    {
        var options = Catalogue.Find(topology).Options;
        string[][] variants =
        [
            .. Every,
            .. Own(topology),
            .. Where("caching=", ["caching=off"], ["caching=off", "store=memory"]),
            .. topology == "suppress-table" ? [] : Where("versioned=", ["versioned=60000", "internal=on"], ["versioned=5000"]),
            .. Where("grace=0", ["grace=5000"], ["grace=30000", "store=memory"], ["grace=86400000", "internal=on"]),
            .. Where("advance=", ["advance=3000", "grace=10000"], ["advance=1", "size=3", "grace=60000"]),
            .. Where("retention= ", ["retention=600000", "grace=1000"], ["retention=60000", "store=memory"]),
            .. Where("emit=", ["emit=update", "grace=2000"], ["emit=close", "grace=2000"], ["emit=close", "store=memory", "cache=off"], ["emit=close", "grace=20000", "retention=900000"]),
            .. Where("materialized=off", ["materialized=on", "internal=on"], ["materialized=on", "caching=off"], ["materialized=on", "versioned=20000"]),
            .. Where("materialized=on", ["materialized=off"], ["materialized=off", "versioned=20000"]),
            .. Where("before=5000", ["before=0", "after=4000", "grace=0"], ["before=1000", "after=0", "grace=60000", "internal=on"], ["grace=86400000", "store=memory"]),
            .. Where("gap=10000", ["gap=2000", "grace=4000", "internal=on"]),
            .. Where("maxRecords=", ["maxRecords=3"], ["maxBytes=300", "internal=on"]),
            .. Where("limit=10000", ["limit=0"], ["limit=2000", "internal=on"]),
        ];
        return [.. variants.Select(variant => EmitsOnClose(topology, variant) ? Lasting(variant) : variant)];

        string[][] Where(string option, params string[][] variants) =>
            options.Contains(option, StringComparison.Ordinal) ? variants : [];
    }

    private static bool EmitsOnClose(string topology, string[] variant) =>
        variant.Contains("emit=close") || (topology.StartsWith("emit-close-", StringComparison.Ordinal) && !variant.Contains("emit=update"));

    // Long enough that no leap of a random scenario hides a window that has just closed: Kafka Streams would lose its result (docs/engine-differences.md).
    private static string[] Lasting(string[] variant) =>
        [.. variant.Where(o => !o.StartsWith("retention=", StringComparison.Ordinal)), variant.Contains("grace=86400000") ? "retention=87000000" : "retention=600000"];

    private static string[][] Own(string topology) => topology switch
    {
        "branch" => [["default=off"]],
        "value-timestamp" => [["invalid=skip"], ["invalid=partition"]],
        "header-propagation" or "count" or "to-table" => [["format=headers"], ["guarantee=eos", "internal=on"]],
        "stream-table-inner" or "stream-table-left" => [["idle=1000"], ["versioned=60000", "grace=3000"], ["versioned=60000", "grace=20000", "internal=on"]],
        "punctuator-trace" => [["type=wall", "cancel=1000"], ["cancel=1000", "interval=700"]],
        "processor-store" => [["logging=off", "internal=on"]],
        "dedup" => [["within=5000", "retention=120000"], ["within=2000", "store=memory"]],
        "versioned-store" or "versioned-as-of" => [["history=0"], ["history=5000", "internal=on"], ["history=400000"]],
        "window-store-fetch" => [["duplicates=on", "internal=on"], ["duplicates=on", "store=memory"], ["retention=15000"]],
        "session-store" => [["gap=3000", "retention=200000"], ["retention=15000", "store=memory", "internal=on"]],
        "lru-store" => [["max=2"], ["max=1", "internal=on"]],
        "long-input" or "processing-error" => [["handler=continue"], ["handler=continue", "dlq=dead"], ["dlq=dead"]],
        "unlimited-count" => [["start=150000"]],
        "repartition" => [["partitions=1", "internal=on"]],
        _ => [],
    };
}
