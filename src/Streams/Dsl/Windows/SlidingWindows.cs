using Streams.Processing;

namespace Streams;

/// <summary>
/// Windows around records: for each set of a key's records that lie within a time difference of each other, one window (KIP-450). Both bounds
/// belong to a window.
/// </summary>
/// <remarks>
/// A record makes the window that ends with it, and, when a later record follows closely enough, the one that starts right after it. Time
/// starts at 1970-01-01: records of the first time difference share the window that starts there.
/// </remarks>
public sealed class SlidingWindows : Windows
{
    private SlidingWindows(TimeSpan timeDifference, TimeSpan grace)
        : base(Milliseconds(timeDifference, TimeSpan.Zero, nameof(timeDifference)), grace) => TimeDifference = timeDifference;

    /// <summary>How far apart two records of one window may lie.</summary>
    public TimeSpan TimeDifference { get; }

    // A record's right window may have to be made from one that started two differences before it.
    internal override long RetentionMsMin => (2 * SizeMs) + GraceMs;

    internal override long OpenMs => SizeMs;

    internal override string RetentionRule => "twice the time difference plus grace";

    /// <summary>Windows of <paramref name="timeDifference"/>, at least zero, that take records until <paramref name="grace"/> of stream time after their end.</summary>
    public static SlidingWindows OfTimeDifferenceAndGrace(TimeSpan timeDifference, TimeSpan grace) => new(timeDifference, grace);

    /// <summary>Windows of <paramref name="timeDifference"/>, at least zero, that close at their end.</summary>
    public static SlidingWindows OfTimeDifferenceWithNoGrace(TimeSpan timeDifference) => new(timeDifference, TimeSpan.Zero);

    internal override TimeWindowAggregateNode<TKey, TValue, TAggregate> Node<TKey, TValue, TAggregate>(
        WindowedAggregate<TKey, TValue, TAggregate> aggregate) => new SlidingWindowAggregateNode<TKey, TValue, TAggregate>(aggregate, this);
}
