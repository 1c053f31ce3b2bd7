using Grpc.Core;
using Grpc.Net.Client.Configuration;

namespace Grpc.Net.Client.Retries;

/// <summary>How one method's calls are repeated: after one another, or hedged.</summary>
internal sealed record Repetition(
    bool IsHedged, int AttemptsMax, TimeSpan InitialBackoff, TimeSpan MaxBackoff, double Multiplier, TimeSpan HedgingDelay, HashSet<StatusCode> Codes);

/// <summary>Which methods' calls are repeated, and what holds for all of them together.</summary>
internal sealed class RepetitionRules
{
    private readonly Dictionary<string, Repetition?> _byName = [];
    private readonly long? _bufferMax;
    private long _buffered;

    private RepetitionRules(ServiceConfig config, GrpcChannelOptions options)
    {
        foreach (var method in config.MethodConfigs)
        {
            var repetition = Of(method, options.MaxRetryAttempts);
            foreach (var name in method.Names)
                _byName.TryAdd($"/{name.Service}/{name.Method}", repetition);
        }

        Throttle = config.RetryThrottling is { } throttling ? new(throttling) : null;
        _bufferMax = options.MaxRetryBufferSize;
        BufferPerCallMax = options.MaxRetryBufferPerCallSize;
    }

    /// <summary>Holds repetitions back; null where nothing does.</summary>
    public RetryThrottle? Throttle { get; }

    public long? BufferPerCallMax { get; }

    /// <summary>The rules of a channel; null where no call is ever repeated.</summary>
    /// <exception cref="InvalidOperationException">A policy lacks something, or contradicts another.</exception>
    public static RepetitionRules? From(GrpcChannelOptions options)
    {
        var isRepeating = options.ServiceConfig?.MethodConfigs.Any(method => method.RetryPolicy is not null || method.HedgingPolicy is not null) is true;
        return isRepeating ? new(options.ServiceConfig!, options) : null;
    }

    /// <summary>How a method's calls are repeated; null for not at all.</summary>
    public Repetition? Find(IMethod method) =>
        _byName.TryGetValue(method.FullName, out var found)
        || _byName.TryGetValue($"/{method.ServiceName}/", out found)
        || _byName.TryGetValue("//", out found) ? found : null;

    /// <summary>Makes room for what a call keeps; false where there is none.</summary>
    public bool TryKeep(long bytes)
    {
        if (Interlocked.Add(ref _buffered, bytes) <= (_bufferMax ?? long.MaxValue))
            return true;
        Interlocked.Add(ref _buffered, -bytes);
        return false;
    }

    public void LetGo(long bytes) => Interlocked.Add(ref _buffered, -bytes);

    private static Repetition? Of(MethodConfig method, int? channelMax)
    {
        switch (method.RetryPolicy, method.HedgingPolicy)
        {
            case (not null, not null):
                throw new InvalidOperationException("A method config has a retry policy or a hedging policy, not both.");
            case ({ } retry, _):
                if (retry.MaxAttempts is not > 1 || !(retry.InitialBackoff > TimeSpan.Zero) || !(retry.MaxBackoff > TimeSpan.Zero)
                    || !(retry.BackoffMultiplier > 0) || retry.RetryableStatusCodes.Count == 0)
                {
                    throw new InvalidOperationException(
                        "A retry policy needs MaxAttempts above 1, InitialBackoff, MaxBackoff and BackoffMultiplier above 0, and RetryableStatusCodes.");
                }

                return new(
                    false, Least(retry.MaxAttempts.Value, channelMax), retry.InitialBackoff.Value, retry.MaxBackoff.Value,
                    retry.BackoffMultiplier.Value, default, [.. retry.RetryableStatusCodes]);
            case (_, { } hedging):
                if (hedging.MaxAttempts is not > 1 || hedging.HedgingDelay < TimeSpan.Zero)
                    throw new InvalidOperationException("A hedging policy needs MaxAttempts above 1, and no negative HedgingDelay.");
                return new(true, Least(hedging.MaxAttempts.Value, channelMax), default, default, 0, hedging.HedgingDelay ?? default, [.. hedging.NonFatalStatusCodes]);
            default:
                return null;
        }
    }

    private static int Least(int policy, int? channel) => Math.Min(policy, channel ?? int.MaxValue);
}
