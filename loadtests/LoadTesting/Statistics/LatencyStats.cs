namespace LoadTesting.Statistics;

/// <summary>How long it took, in milliseconds; all 0 where nothing was measured.</summary>
public sealed record LatencyStats
{
    /// <summary>The shortest.</summary>
    public double MinMs { get; init; }

    /// <summary>The mean.</summary>
    public double MeanMs { get; init; }

    /// <summary>The longest.</summary>
    public double MaxMs { get; init; }

    /// <summary>The standard deviation.</summary>
    public double StdDevMs { get; init; }

    /// <summary>Half took at most this long.</summary>
    public double Percent50 { get; init; }

    /// <summary>75 of 100 took at most this long.</summary>
    public double Percent75 { get; init; }

    /// <summary>90 of 100 took at most this long.</summary>
    public double Percent90 { get; init; }

    /// <summary>95 of 100 took at most this long.</summary>
    public double Percent95 { get; init; }

    /// <summary>99 of 100 took at most this long.</summary>
    public double Percent99 { get; init; }

    /// <summary>999 of 1,000 took at most this long.</summary>
    public double Percent999 { get; init; }
}
