namespace Streams;

/// <summary>
/// Windows of activity: a key's records belong to one session as long as no two neighbours lie more than the gap apart. A record between two
/// sessions may make them one. Both bounds belong to a session.
/// </summary>
public sealed class SessionWindows
{
    private SessionWindows(TimeSpan gap, TimeSpan grace)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(gap, TimeSpan.FromMilliseconds(1));
        ArgumentOutOfRangeException.ThrowIfLessThan(grace, TimeSpan.Zero);
        (InactivityGap, Grace) = (gap, grace);
        (GapMs, GraceMs) = ((long)gap.TotalMilliseconds, (long)grace.TotalMilliseconds);
    }

    /// <summary>The longest silence within a session.</summary>
    public TimeSpan InactivityGap { get; }

    /// <summary>How long after its end and the gap, in stream time, a session still takes records that come late.</summary>
    public TimeSpan Grace { get; }

    internal long GapMs { get; }

    internal long GraceMs { get; }

    /// <summary>Sessions that end after <paramref name="gap"/> of silence, at least one millisecond, and take late records for <paramref name="grace"/> more of stream time.</summary>
    public static SessionWindows OfInactivityGapAndGrace(TimeSpan gap, TimeSpan grace) => new(gap, grace);

    /// <summary>Sessions that end after <paramref name="gap"/> of silence, at least one millisecond, and take no record after that.</summary>
    public static SessionWindows OfInactivityGapWithNoGrace(TimeSpan gap) => new(gap, TimeSpan.Zero);
}
