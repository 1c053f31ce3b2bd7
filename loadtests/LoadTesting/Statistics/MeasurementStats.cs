namespace LoadTesting.Statistics;

/// <summary>What was measured of a scenario, or of one of its steps.</summary>
public record MeasurementStats
{
    /// <summary>The scenario's or step's name.</summary>
    public required string Name { get; init; }

    /// <summary>What went well.</summary>
    public required OutcomeStats Ok { get; init; }

    /// <summary>What failed.</summary>
    public required OutcomeStats Fail { get; init; }

    /// <summary>Both together.</summary>
    public long AllRequestCount => Ok.Request.Count + Fail.Request.Count;
}

/// <summary>What ended one way: well, or not.</summary>
public sealed record OutcomeStats
{
    /// <summary>How many.</summary>
    public required RequestStats Request { get; init; }

    /// <summary>How long they took.</summary>
    public required LatencyStats Latency { get; init; }

    /// <summary>What they transferred.</summary>
    public required DataStats Data { get; init; }

    /// <summary>How many of each status, the most frequent first.</summary>
    public required IReadOnlyList<StatusCodeStats> StatusCodes { get; init; }
}

/// <summary>How many.</summary>
/// <param name="Count">In all.</param>
/// <param name="Percent">Of those that went well and those that failed, together: 0 to 100.</param>
/// <param name="Rps">A second.</param>
public sealed record RequestStats(long Count, double Percent, double Rps);

/// <summary>What was transferred.</summary>
/// <param name="AllBytes">In all.</param>
/// <param name="BytesPerSecond">A second.</param>
public sealed record DataStats(long AllBytes, double BytesPerSecond);

/// <summary>How many ended with one status.</summary>
/// <param name="StatusCode">The status.</param>
/// <param name="IsError">Whether it stands for failures.</param>
/// <param name="Count">How many.</param>
/// <param name="Percent">Of all: 0 to 100.</param>
/// <param name="Message">One of the messages that came with it.</param>
public sealed record StatusCodeStats(string StatusCode, bool IsError, long Count, double Percent, string Message);
