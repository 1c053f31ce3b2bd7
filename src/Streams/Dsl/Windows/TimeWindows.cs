using Streams.Processing;

namespace Streams;

/// <summary>Windows of one size at fixed steps, aligned to 1970-01-01 UTC: the same for every key, task and run.</summary>
public abstract class TimeWindows : Windows
{
    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);

    private protected TimeWindows(TimeSpan size, TimeSpan advance, TimeSpan grace)
        : base(Milliseconds(size, Millisecond, nameof(size)), grace)
    {
        AdvanceMs = Milliseconds(advance, Millisecond, nameof(advance));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(advance, size);
        (Size, Advance) = (size, advance);
    }

    /// <summary>How long a window is.</summary>
    public TimeSpan Size { get; }

    /// <summary>From one window's start to the next one's.</summary>
    public TimeSpan Advance { get; }

    internal long AdvanceMs { get; }

    internal override long RetentionMsMin => SizeMs + GraceMs;

    internal override string RetentionRule => "size plus grace";

    internal override long OpenMs => SizeMs - 1;

    internal override TimeWindowAggregateNode<TKey, TValue, TAggregate> Node<TKey, TValue, TAggregate>(
        WindowedAggregate<TKey, TValue, TAggregate> aggregate) => new FixedWindowAggregateNode<TKey, TValue, TAggregate>(aggregate, this);

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

    /// <summary>Windows of <paramref name="size"/> that take records until <paramref name="grace"/> of stream time after their end.</summary>
    public static TumblingWindows OfSizeAndGrace(TimeSpan size, TimeSpan grace) => new(size, grace);

    /// <summary>Windows of <paramref name="size"/> that close at their end: a record that comes after a later window began is dropped.</summary>
    public static TumblingWindows OfSizeWithNoGrace(TimeSpan size) => new(size, TimeSpan.Zero);

    /// <summary>The same windows, open to late records for <paramref name="grace"/> of stream time after their end.</summary>
    public TumblingWindows WithGrace(TimeSpan grace) => new(Size, grace);

    /// <summary>Windows of the same size and grace that start each <paramref name="advance"/>, which is at most the size.</summary>
    public HoppingWindows AdvanceBy(TimeSpan advance) => HoppingWindows.Of(Size, advance).WithGrace(Grace);
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

    /// <summary>As <see cref="Of"/>, taking records until <paramref name="grace"/> of stream time after a window's end.</summary>
    public static HoppingWindows OfSizeAndGrace(TimeSpan size, TimeSpan advance, TimeSpan grace) => new(size, advance, grace);

    /// <summary>As <see cref="Of"/>: windows close at their end.</summary>
    public static HoppingWindows OfSizeWithNoGrace(TimeSpan size, TimeSpan advance) => new(size, advance, TimeSpan.Zero);

    /// <summary>The same windows, open to late records for <paramref name="grace"/> of stream time after their end.</summary>
    public HoppingWindows WithGrace(TimeSpan grace) => new(Size, Advance, grace);
}
