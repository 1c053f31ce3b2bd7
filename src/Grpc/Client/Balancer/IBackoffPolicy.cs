namespace Grpc.Net.Client.Balancer;

/// <summary>Says how long to wait before trying again.</summary>
public interface IBackoffPolicy
{
    /// <summary>The next wait. It grows from one to the next.</summary>
    TimeSpan NextBackoff();
}

/// <summary>Starts waits anew.</summary>
public interface IBackoffPolicyFactory
{
    /// <summary>A policy whose next wait is its shortest.</summary>
    IBackoffPolicy Create();
}

/// <summary>Waits that grow by 1.6 up to a longest, give or take a fifth, so that not all clients of a server that is back come at once.</summary>
/// <remarks>Source: https://github.com/grpc/grpc/blob/master/doc/connection-backoff.md</remarks>
internal sealed class ExponentialBackoff(TimeSpan initial, TimeSpan? longest) : IBackoffPolicyFactory
{
    private const double Multiplier = 1.6;
    private const double Jitter = 0.2;

    public IBackoffPolicy Create() => new Policy(initial, longest ?? TimeSpan.MaxValue);

    private sealed class Policy(TimeSpan initial, TimeSpan longest) : IBackoffPolicy
    {
        private TimeSpan _next = initial < longest ? initial : longest;

        public TimeSpan NextBackoff()
        {
            var now = _next;
            _next = now < longest / Multiplier ? now * Multiplier : longest;
            return now * (1 - Jitter + (2 * Jitter * Random.Shared.NextDouble()));
        }
    }
}
