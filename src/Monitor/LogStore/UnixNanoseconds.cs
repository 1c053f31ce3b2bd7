using Google.Protobuf.WellKnownTypes;

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
}
