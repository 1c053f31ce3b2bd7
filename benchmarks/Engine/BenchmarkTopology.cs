using Streams;

namespace Benchmarks.Engine;

/// <summary>The topologies that are measured: the same as the Java peer's, and two more.</summary>
internal static class BenchmarkTopology
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    public static Topology Filter(string from, string to, Action? seen = null)
    {
        var builder = new StreamBuilder();
        // Keeps nine tenths.
        Read(builder, from, seen).Filter((_, value) => value[0] != '0').To(to);
        return builder.Build();
    }

    public static Topology WindowedCount(string from, string to, Func<Materialized<string, long>, Materialized<string, long>> store, Action? seen = null)
    {
        var builder = new StreamBuilder();
        Read(builder, from, seen)
            .GroupByKey()
            .WindowedBy(TumblingWindows.Of(Window))
            .Count(store(Materialized.As<string, long>("store")))
            .ToStream()
            .To(to);
        return builder.Build();
    }

    private static KStream<string, string> Read(StreamBuilder builder, string from, Action? seen)
    {
        var stream = builder.Stream<string, string>(from);
        return seen is null ? stream : stream.Peek((_, _) => seen());
    }
}
