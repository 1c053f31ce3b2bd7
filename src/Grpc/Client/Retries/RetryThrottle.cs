using Grpc.Net.Client.Configuration;

namespace Grpc.Net.Client.Retries;

/// <summary>A channel's bucket of tokens: failures empty it, successes fill it, and at half or below nothing is repeated.</summary>
internal sealed class RetryThrottle
{
    private readonly Lock _gate = new();
    private readonly double _tokensMax;
    private readonly double _ratio;
    private double _tokens;

    /// <exception cref="InvalidOperationException">The policy lacks something.</exception>
    public RetryThrottle(RetryThrottlingPolicy policy)
    {
        if (policy.MaxTokens is not (> 0 and <= 1000) || !(policy.TokenRatio > 0))
            throw new InvalidOperationException("Retry throttling needs MaxTokens from 1 to 1000 and a TokenRatio above 0.");
        _tokens = _tokensMax = policy.MaxTokens.Value;
        _ratio = policy.TokenRatio.Value;
    }

    public bool IsActive
    {
        get
        {
            lock (_gate)
                return _tokens <= _tokensMax / 2;
        }
    }

    public void Succeeded()
    {
        lock (_gate)
            _tokens = Math.Min(_tokens + _ratio, _tokensMax);
    }

    public void Failed()
    {
        lock (_gate)
            _tokens = Math.Max(_tokens - 1, 0);
    }
}
