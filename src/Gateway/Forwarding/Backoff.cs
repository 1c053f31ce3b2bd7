namespace Gateway.Forwarding;

/// <summary>How long to wait before trying again: twice as long each time, and a random part less, so that gateways do not come all at once.</summary>
internal sealed class Backoff(TimeSpan first, TimeSpan max, Random random)
{
    /// <summary>The pause after so many failures in a row, at least one.</summary>
    public TimeSpan Pause(int failures)
    {
        var doubled = first.Ticks * Math.Pow(2, Math.Min(failures - 1, 60));
        return TimeSpan.FromTicks((long)(Math.Min(doubled, max.Ticks) * (1 - random.NextDouble() / 4)));
    }
}
