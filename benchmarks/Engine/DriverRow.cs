using Streams;
using Streams.RocksDb;

namespace Benchmarks.Engine;

/// <summary>One row of the driver benchmark: a topology, a number of keys, a kind of store.</summary>
/// <param name="Name">The row's name; the peer's rows have the same.</param>
/// <param name="Keys">How many keys there are.</param>
/// <param name="Topology">Makes the topology on stores of that kind; it reads <c>in</c>, and <c>table</c> where it joins.</param>
internal sealed record DriverRow(string Name, int Keys, Func<StoreEngine, Topology> Topology)
{
    private static readonly int[] _keys = [1_000, 100_000];

    public static IReadOnlyList<DriverRow> All { get; } =
    [
        new("filter keys=1000", 1_000, _ => BenchmarkTopology.Filter("in", "out")),
        .. OnBoth("count", stores => BenchmarkTopology.WindowedCount("in", "out", stores)),
        .. OnBoth("join", stores => BenchmarkTopology.StreamTableJoin("in", "table", "out", stores))
            .Select(row => row with { HasTable = true, Peer = DriverPeer.JoinsAndSessions }),
        .. OnBoth("session", stores => BenchmarkTopology.SessionCount("in", "out", stores)).Select(row => row with { Peer = DriverPeer.JoinsAndSessions }),
    ];

    /// <summary>Whether stores are RocksDB's.</summary>
    public bool OnRocksDb { get; init; }

    /// <summary>What measures Kafka Streams in this row.</summary>
    public DriverPeer Peer { get; init; } = DriverPeer.Bench;

    /// <summary>Whether a table of one record for each key is filled first.</summary>
    public bool HasTable { get; init; }

    /// <summary>Stores of the row's kind; dispose what can be.</summary>
    public StoreEngine Stores() => OnRocksDb ? new RocksDbStores() : InMemoryStores.Default;

    private static IEnumerable<DriverRow> OnBoth(string name, Func<StoreEngine, Topology> topology) =>
    [
        .. _keys.Select(keys => new DriverRow($"{name}-inmemory keys={keys}", keys, topology)),
        .. _keys.Select(keys => new DriverRow($"{name}-rocksdb keys={keys}", keys, topology) { OnRocksDb = true }),
    ];
}

/// <summary>The programs that measure Kafka Streams' driver.</summary>
internal enum DriverPeer
{
    /// <summary>The peer's own benchmark.</summary>
    Bench,

    /// <summary><c>Peer/JoinsAndSessions.java</c>, for rows that the former lacks.</summary>
    JoinsAndSessions,
}
