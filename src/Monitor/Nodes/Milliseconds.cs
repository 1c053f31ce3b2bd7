using Google.Protobuf.WellKnownTypes;

namespace Monitor.Nodes;

/// <summary>Times as nodes are judged by: milliseconds since 1970-01-01 UTC.</summary>
internal static class Milliseconds
{
    public static long From(Timestamp time) => (time.Seconds * 1000) + (time.Nanos / 1_000_000);

    public static Timestamp ToTimestamp(long ms)
    {
        var seconds = Math.DivRem(ms, 1000, out var rest);
        if (rest < 0)
            (seconds, rest) = (seconds - 1, rest + 1000);
        return new() { Seconds = seconds, Nanos = (int)rest * 1_000_000 };
    }

    public static Duration ToDuration(long ms) => new() { Seconds = ms / 1000, Nanos = (int)(ms % 1000) * 1_000_000 };
}
