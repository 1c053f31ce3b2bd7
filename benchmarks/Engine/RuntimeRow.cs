using Streams;

namespace Benchmarks.Engine;

/// <summary>One row of the runtime benchmark.</summary>
/// <param name="Name">The row's name.</param>
/// <param name="Topology">Makes the topology: input, table, output, stores, and what is called for each record of the input.</param>
internal sealed record RuntimeRow(string Name, Func<string, string, string, StoreEngine, Action, Topology> Topology)
{
    public static IReadOnlyList<RuntimeRow> All { get; } =
    [
        new("filter", (from, _, to, _, seen) => BenchmarkTopology.Filter(from, to, seen)) { Peer = "filter" },
        new("count", Count(cached: true)) { Peer = "count", OnRocksDb = true, Cached = true },
        new("count-inmemory", Count(cached: false)) { Peer = "count-inmemory" },
        new("count-rocksdb", Count(cached: false)) { Peer = "count-rocksdb", OnRocksDb = true },
        new("join", Join(cached: true)) { Peer = "join", OnRocksDb = true, Cached = true },
        new("join-inmemory", Join(cached: false)),
        new("session-inmemory", Session),
        new("session-rocksdb", Session) { OnRocksDb = true },
    ];

    /// <summary>The peer's benchmark that does the same; null for none.</summary>
    public string? Peer { get; init; }

    /// <summary>Whether stores are RocksDB's.</summary>
    public bool OnRocksDb { get; init; }

    /// <summary>Whether a record cache of 10 MiB is in front of the stores.</summary>
    public bool Cached { get; init; }

    private static Func<string, string, string, StoreEngine, Action, Topology> Count(bool cached) =>
        (from, _, to, stores, seen) => BenchmarkTopology.WindowedCount(from, to, stores, cached, seen);

    private static Func<string, string, string, StoreEngine, Action, Topology> Join(bool cached) =>
        (from, table, to, stores, seen) => BenchmarkTopology.StreamTableJoin(from, table, to, stores, cached, seen);

    private static Topology Session(string from, string table, string to, StoreEngine stores, Action seen) =>
        BenchmarkTopology.SessionCount(from, to, stores, seen: seen);
}
