using System.Globalization;

namespace Streams;

/// <summary>A key in one window: what windowed aggregations are keyed by.</summary>
/// <param name="Key">The key that was grouped by.</param>
/// <param name="Window">The window.</param>
public readonly record struct Windowed<TKey>(TKey Key, TimeWindow Window) : IWindowed
{
    /// <summary>As Kafka Streams prints it: <c>[key@start/end]</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"[{Key}@{Window.StartMs}/{Window.EndMs}]");
}

/// <summary>A key of whatever type, in a window.</summary>
internal interface IWindowed
{
    TimeWindow Window { get; }
}

/// <summary>A span of time. Its start belongs to it; its end does so in sliding and session windows only.</summary>
/// <param name="StartMs">Milliseconds since 1970-01-01 UTC.</param>
/// <param name="EndMs">Milliseconds since 1970-01-01 UTC; the first that is outside, of sliding and session windows the last inside.</param>
public readonly record struct TimeWindow(long StartMs, long EndMs)
{
    /// <summary>The window's start.</summary>
    public DateTimeOffset Start => DateTimeOffset.FromUnixTimeMilliseconds(StartMs);

    /// <summary>The window's end: the first moment outside, of sliding and session windows the last inside.</summary>
    public DateTimeOffset End => DateTimeOffset.FromUnixTimeMilliseconds(EndMs);

    /// <summary>The window of <paramref name="sizeMs"/> from <paramref name="startMs"/>; at the end of time it is cut short, not overflown.</summary>
    public static TimeWindow Of(long startMs, long sizeMs) => new(startMs, startMs > long.MaxValue - sizeMs ? long.MaxValue : startMs + sizeMs);
}
