using Streams;

namespace Benchmarks.Engine;

/// <summary>The topologies that are measured: the Java peer's, and session windows.</summary>
internal static class BenchmarkTopology
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Gap = TimeSpan.FromSeconds(1);

    public static Topology Filter(string from, string to, Action? seen = null)
    {
        var builder = new StreamBuilder();
        // Keeps nine tenths.
        Read(builder, from, seen).Filter((_, value) => value[0] != '0').To(to);
        return builder.Build();
    }

    public static Topology WindowedCount(string from, string to, StoreEngine stores, bool cached = false, Action? seen = null)
    {
        var builder = new StreamBuilder();
        Read(builder, from, seen)
            .GroupByKey()
            .WindowedBy(TumblingWindows.Of(Window))
            .Count(Store(stores, cached))
            .ToStream()
            .To(to);
        return builder.Build();
    }

    public static Topology SessionCount(string from, string to, StoreEngine stores, bool cached = false, Action? seen = null)
    {
        var builder = new StreamBuilder();
        Read(builder, from, seen)
            .GroupByKey()
            .WindowedBy(SessionWindows.OfInactivityGapWithNoGrace(Gap))
            .Count(Store(stores, cached))
            .ToStream()
            .To(to);
        return builder.Build();
    }

    /// <summary>A stream joined with a table of one record for each key; the output is the stream's value.</summary>
    public static Topology StreamTableJoin(string from, string table, string to, StoreEngine stores, bool cached = false, Action? seen = null)
    {
        var builder = new StreamBuilder();
        var store = Materialized.As<string, string>("store").WithStores(stores);
        var rows = builder.Table(table, null, cached ? store : store.WithCachingDisabled());
        Read(builder, from, seen).Join(rows, (left, _) => left).To(to);
        return builder.Build();
    }

    private static Materialized<string, long> Store(StoreEngine stores, bool cached)
    {
        var store = Materialized.As<string, long>("store").WithStores(stores);
        return cached ? store.WithCachingEnabled() : store.WithCachingDisabled();
    }

    private static KStream<string, string> Read(StreamBuilder builder, string from, Action? seen)
    {
        var stream = builder.Stream<string, string>(from);
        return seen is null ? stream : stream.Peek((_, _) => seen());
    }
}
