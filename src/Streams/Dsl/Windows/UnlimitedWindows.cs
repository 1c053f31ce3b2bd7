using System.Diagnostics.CodeAnalysis;
using Streams.Processing;

namespace Streams;

/// <summary>One window for each key, without an end: it takes every record from its start on. Earlier records are in no window.</summary>
public sealed class UnlimitedWindows : Windows
{
    private UnlimitedWindows(long startMs)
        : base(long.MaxValue, TimeSpan.Zero) => StartMs = startMs;

    /// <summary>The window's start.</summary>
    public DateTimeOffset Start => DateTimeOffset.FromUnixTimeMilliseconds(StartMs);

    internal long StartMs { get; }

    internal override long RetentionMsMin => long.MaxValue;

    internal override long OpenMs => SizeMs;

    internal override string RetentionRule => "eternity";

    internal override bool Close => false;

    /// <summary>A window from 1970-01-01 UTC.</summary>
    public static UnlimitedWindows Of() => new(0);

    /// <summary>A window from <paramref name="start"/>, which is not before 1970-01-01 UTC.</summary>
    [SuppressMessage("Performance", "CA1822", Justification = "Reads as in Kafka Streams: UnlimitedWindows.Of().StartOn(start).")]
    public UnlimitedWindows StartOn(DateTimeOffset start)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(start, DateTimeOffset.UnixEpoch);
        return new(start.ToUnixTimeMilliseconds());
    }

    internal override TimeWindowAggregateNode<TKey, TValue, TAggregate> Node<TKey, TValue, TAggregate>(
        WindowedAggregate<TKey, TValue, TAggregate> aggregate) => new UnlimitedWindowAggregateNode<TKey, TValue, TAggregate>(aggregate, this);
}
