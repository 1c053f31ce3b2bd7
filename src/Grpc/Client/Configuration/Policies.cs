using Grpc.Core;

namespace Grpc.Net.Client.Configuration;

/// <summary>Repeats a call that failed before its response began.</summary>
/// <remarks>Source: https://github.com/grpc/proposal/blob/master/A6-client-retries.md</remarks>
public sealed class RetryPolicy : ConfigObject
{
    /// <summary>How often a call is made at most, the first time included: at least 2. The channel's limit holds too.</summary>
    public int? MaxAttempts { get; set; }

    /// <summary>Longest wait before the first repetition; the wait is chosen at random below it.</summary>
    public TimeSpan? InitialBackoff { get; set; }

    /// <summary>Longest wait before any repetition.</summary>
    public TimeSpan? MaxBackoff { get; set; }

    /// <summary>By how much the wait grows from one repetition to the next.</summary>
    public double? BackoffMultiplier { get; set; }

    /// <summary>The failures that are worth another try. At least one.</summary>
    public IList<StatusCode> RetryableStatusCodes { get; } = [];
}

/// <summary>Makes a call again without waiting for the first, and takes the answer that begins first.</summary>
/// <remarks>Only for methods that may safely run several times. Source: gRFC A6.</remarks>
public sealed class HedgingPolicy : ConfigObject
{
    /// <summary>How often a call is made at most: at least 2. The channel's limit holds too.</summary>
    public int? MaxAttempts { get; set; }

    /// <summary>The time between one and the next. Default null: all at once.</summary>
    public TimeSpan? HedgingDelay { get; set; }

    /// <summary>The failures after which the others go on; any other ends the call.</summary>
    public IList<StatusCode> NonFatalStatusCodes { get; } = [];
}

/// <summary>
/// A bucket of tokens for the whole channel: each failure takes one, each success gives <see cref="TokenRatio"/> back, and no call is
/// repeated while it is at most half full.
/// </summary>
public sealed class RetryThrottlingPolicy : ConfigObject
{
    /// <summary>What the bucket holds, and starts with: 1 to 1000.</summary>
    public int? MaxTokens { get; set; }

    /// <summary>What a success gives back: above 0.</summary>
    public double? TokenRatio { get; set; }
}
