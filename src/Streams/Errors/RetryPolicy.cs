namespace Streams;

/// <summary>How often to try again, and how long to wait before: the first wait, then twice as long each time, up to a limit.</summary>
public sealed record RetryPolicy
{
    /// <summary>Makes a policy.</summary>
    /// <param name="attempts">Tries in all, the first included: 2 to 100.</param>
    /// <param name="firstDelay">The wait before the second try; null for 100 ms.</param>
    /// <param name="maxDelay">The longest wait between two tries; null for 10 s.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number or a time is out of its range.</exception>
    public RetryPolicy(int attempts, TimeSpan? firstDelay = null, TimeSpan? maxDelay = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(attempts, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(attempts, 100);
        Attempts = attempts;
        FirstDelay = firstDelay ?? TimeSpan.FromMilliseconds(100);
        MaxDelay = maxDelay ?? TimeSpan.FromSeconds(10);
        ArgumentOutOfRangeException.ThrowIfLessThan(FirstDelay, TimeSpan.Zero, nameof(firstDelay));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxDelay, TimeSpan.Zero, nameof(maxDelay));
    }

    /// <summary>Tries in all, the first included.</summary>
    public int Attempts { get; }

    /// <summary>The wait before the second try.</summary>
    public TimeSpan FirstDelay { get; }

    /// <summary>The longest wait between two tries.</summary>
    public TimeSpan MaxDelay { get; }

    /// <summary>All waits together: how long a record that never succeeds holds up its thread.</summary>
    public TimeSpan TotalDelay
    {
        get
        {
            var total = TimeSpan.Zero;
            for (var attempt = 1; attempt < Attempts; attempt++)
                total += DelayAfter(attempt);
            return total;
        }
    }

    /// <summary>The wait after a failed try.</summary>
    /// <param name="attempt">The try, from 1.</param>
    public TimeSpan DelayAfter(int attempt)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(attempt, 1);

        // Doubled at most 62 times: beyond that every first delay but zero is past any limit.
        var delay = FirstDelay.TotalMilliseconds * Math.Pow(2, Math.Min(attempt - 1, 62));
        return delay >= MaxDelay.TotalMilliseconds ? MaxDelay : TimeSpan.FromMilliseconds(delay);
    }
}
