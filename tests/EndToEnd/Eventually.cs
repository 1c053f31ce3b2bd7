namespace EndToEnd;

/// <summary>Waits for what another process will do, and gives up after a while.</summary>
internal static class Eventually
{
    /// <summary>Far beyond what anything here takes on a slow machine; a test that waits so long has failed.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Pause between two looks that cost the system under test something.</summary>
    public static readonly TimeSpan Seldom = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan _often = TimeSpan.FromMilliseconds(50);

    /// <summary>Asks again and again until the answer is yes.</summary>
    public static async Task HoldsAsync(Func<Task<bool>> question, string what, Func<string>? state = null, TimeSpan? lookEvery = null)
    {
        using var limit = new CancellationTokenSource(Patience);
        using var timer = new PeriodicTimer(lookEvery ?? _often);
        try
        {
            while (!await question())
                await timer.WaitForNextTickAsync(limit.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            Assert.Fail($"Waited {Patience.TotalSeconds:0} s in vain until {what}.{Environment.NewLine}{state?.Invoke()}");
        }
    }
}
