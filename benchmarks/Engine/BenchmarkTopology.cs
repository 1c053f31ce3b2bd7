using Streams;

namespace Benchmarks.Engine;

/// <summary>The topologies that are measured: the same as the Java peer's, and two more.</summary>
internal static class BenchmarkTopology
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    public static Topology Filter(string from, string to)
    {
        var builder = new StreamBuilder();
        // Keeps nine tenths.
        builder.Stream<string, string>(from).Filter((_, value) => value[0] != '0').To(to);
        return builder.Build();
    }

    public static Topology WindowedCount(string from, string to, Func<Materialized<string, long>, Materialized<string, long>> store)
    {
        var builder = new StreamBuilder();
        builder.Stream<string, string>(from)
            .GroupByKey()
            .WindowedBy(TumblingWindows.Of(Window))
            .Count(store(Materialized.As<string, long>("store")))
            .ToStream()
            .To(to);
        return builder.Build();
    }
}
