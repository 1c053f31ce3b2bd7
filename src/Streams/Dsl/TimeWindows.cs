namespace Streams;

/// <summary>Windows of one size at fixed steps, aligned to 1970-01-01 UTC: the same for every key, task and run.</summary>
public abstract class TimeWindows
{
    private protected TimeWindows(TimeSpan size, TimeSpan advance, TimeSpan grace)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, TimeSpan.FromMilliseconds(1));
        ArgumentOutOfRangeException.ThrowIfLessThan(advance, TimeSpan.FromMilliseconds(1));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(advance, size);
        ArgumentOutOfRangeException.ThrowIfLessThan(grace, TimeSpan.Zero);
        (Size, Advance, Grace) = (size, advance, grace);
        (SizeMs, AdvanceMs, GraceMs) = ((long)size.TotalMilliseconds, (long)advance.TotalMilliseconds, (long)grace.TotalMilliseconds);
    }

    /// <summary>How long a window is.</summary>
    public TimeSpan Size { get; }

    /// <summary>From one window's start to the next one's.</summary>
    public TimeSpan Advance { get; }

    /// <summary>How long after its end, in stream time, a window still takes records that come late.</summary>
    public TimeSpan Grace { get; }

    internal long SizeMs { get; }

    internal long AdvanceMs { get; }

    internal long GraceMs { get; }

    /// <summary>The start of the first window that holds <paramref name="timestamp"/>; the others follow by <see cref="Advance"/>.</summary>
    internal long FirstStart(long timestamp) => Math.Max(0, timestamp - SizeMs + AdvanceMs) / AdvanceMs * AdvanceMs;
}

/// <summary>Windows that follow each other without gap or overlap: a record is in exactly one.</summary>
public sealed class TumblingWindows : TimeWindows
{
    private TumblingWindows(TimeSpan size, TimeSpan grace)
        : base(size, size, grace)
    {
    }

    /// <summary>Windows of <paramref name="size"/>, at least one millisecond. No grace unless <see cref="WithGrace"/> gives some.</summary>
    public static TumblingWindows Of(TimeSpan size) => new(size, TimeSpan.Zero);

    /// <summary>The same windows, open to late records for <paramref name="grace"/> of stream time after their end.</summary>
    public TumblingWindows WithGrace(TimeSpan grace) => new(Size, grace);
}

/// <summary>Windows that overlap: a record is in each that is open at its time.</summary>
public sealed class HoppingWindows : TimeWindows
{
    private HoppingWindows(TimeSpan size, TimeSpan advance, TimeSpan grace)
        : base(size, advance, grace)
    {
    }

    /// <summary>Windows of <paramref name="size"/>, one starting each <paramref name="advance"/>, which is at most the size. No grace unless <see cref="WithGrace"/> gives some.</summary>
    public static HoppingWindows Of(TimeSpan size, TimeSpan advance) => new(size, advance, TimeSpan.Zero);

    /// <summary>The same windows, open to late records for <paramref name="grace"/> of stream time after their end.</summary>
    public HoppingWindows WithGrace(TimeSpan grace) => new(Size, Advance, grace);
}
