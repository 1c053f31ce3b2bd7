using Streams.Processing;

namespace Streams;

/// <summary>How a grouped stream is cut into windows whose bounds do not depend on each other: see <see cref="TumblingWindows"/>,
/// <see cref="HoppingWindows"/>, <see cref="UnlimitedWindows"/> and <see cref="SlidingWindows"/>.</summary>
public abstract class Windows
{
    private protected Windows(long sizeMs, TimeSpan grace)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(grace, TimeSpan.Zero);
        (SizeMs, Grace, GraceMs) = (sizeMs, grace, (long)grace.TotalMilliseconds);
    }

    /// <summary>How long after its end, in stream time, a window still takes records that come late.</summary>
    public TimeSpan Grace { get; }

    internal long SizeMs { get; }

    internal long GraceMs { get; }

    /// <summary>How long the store must keep a window at least, in milliseconds, counted from its start.</summary>
    internal abstract long RetentionMsMin { get; }

    /// <summary>What <see cref="RetentionMsMin"/> is made of, for errors.</summary>
    internal abstract string RetentionRule { get; }

    /// <summary>Whether windows ever close, so that there are final results.</summary>
    internal virtual bool Close => true;

    /// <summary>How far before a close time a window may start that is still open then.</summary>
    internal abstract long OpenMs { get; }

    internal abstract TimeWindowAggregateNode<TKey, TValue, TAggregate> Node<TKey, TValue, TAggregate>(
        WindowedAggregate<TKey, TValue, TAggregate> aggregate);

    private protected static long Milliseconds(TimeSpan time, TimeSpan least, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, least, name);
        return (long)time.TotalMilliseconds;
    }
}
