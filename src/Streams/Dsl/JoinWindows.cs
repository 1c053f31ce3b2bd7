namespace Streams;

/// <summary>
/// How far apart in time two records of a stream-stream join may lie: the right one from <see cref="Before"/> earlier to <see cref="After"/> later
/// than the left one, both bounds included.
/// </summary>
/// <remarks>
/// A bound may be negative: <c>WithBefore(-1 s)</c> asks for a right record at least one second later. Grace is always said, as KIP-633 has it.
/// </remarks>
public sealed record JoinWindows
{
    private JoinWindows(TimeSpan before, TimeSpan after, TimeSpan grace)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(grace, TimeSpan.Zero);
        if (before + after < TimeSpan.Zero)
            throw new ArgumentException($"The window would end before it starts: before ({before}) and after ({after}) add up to less than zero.");
        (Before, After, Grace) = (before, after, grace);
    }

    /// <summary>How much earlier the right record may be.</summary>
    public TimeSpan Before { get; }

    /// <summary>How much later the right record may be.</summary>
    public TimeSpan After { get; }

    /// <summary>How long after a window's end, in stream time, records that come late still join. Left and outer results wait for as long.</summary>
    public TimeSpan Grace { get; }

    internal long BeforeMs => (long)Before.TotalMilliseconds;

    internal long AfterMs => (long)After.TotalMilliseconds;

    internal long GraceMs => (long)Grace.TotalMilliseconds;

    internal TimeSpan Size => Before + After;

    /// <summary>Up to <paramref name="difference"/> apart either way; records that come after the window's end are late.</summary>
    public static JoinWindows OfTimeDifferenceWithNoGrace(TimeSpan difference) => OfTimeDifferenceAndGrace(difference, TimeSpan.Zero);

    /// <summary>Up to <paramref name="difference"/> apart either way, open to late records for <paramref name="grace"/> after that.</summary>
    public static JoinWindows OfTimeDifferenceAndGrace(TimeSpan difference, TimeSpan grace) => new(difference, difference, grace);

    /// <summary>The same, with the right record up to <paramref name="before"/> earlier.</summary>
    public JoinWindows WithBefore(TimeSpan before) => new(before, After, Grace);

    /// <summary>The same, with the right record up to <paramref name="after"/> later.</summary>
    public JoinWindows WithAfter(TimeSpan after) => new(Before, after, Grace);
}
