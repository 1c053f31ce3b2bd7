using Google.Protobuf.WellKnownTypes;
using Streams.Contracts.V1;

namespace Monitor.LogStore;

/// <summary>Times as the store orders them: nanoseconds since 1970-01-01 UTC in 64 bits, which last from 1677 to 2262.</summary>
internal static class UnixNanoseconds
{
    private const long PerSecond = 1_000_000_000;
    private const long SecondsMax = long.MaxValue / PerSecond - 1;

    /// <summary>The time as a number. Times out of range become the nearest one in it.</summary>
    public static long From(Timestamp time) => time.Seconds switch
    {
        > SecondsMax => long.MaxValue,
        < -SecondsMax => long.MinValue,
        _ => time.Seconds * PerSecond + Math.Clamp(time.Nanos, 0, PerSecond - 1),
    };

    /// <summary>The time as a number.</summary>
    public static long From(DateTimeOffset time) => From(Timestamp.FromDateTimeOffset(time));

    /// <summary>When a log happened: by its sender's clock, or the gateway's where the sender's is missing, or ours where both are.</summary>
    public static long Of(LogRecord record, long nowMs) =>
        record.Time is { } time ? From(time)
        : record.Observed is { } observed ? From(observed)
        : nowMs * 1_000_000;

    /// <summary>The number as a time.</summary>
    public static Timestamp ToTimestamp(long nanoseconds)
    {
        var seconds = Math.DivRem(nanoseconds, PerSecond, out var rest);
        if (rest < 0)
            (seconds, rest) = (seconds - 1, rest + PerSecond);
        return new() { Seconds = seconds, Nanos = (int)rest };
    }
}
