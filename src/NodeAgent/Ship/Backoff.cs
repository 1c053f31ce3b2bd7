namespace NodeAgent.Ship;

/// <summary>How long to pause before the next try: doubling, up to a bound, each drawn at random from its upper half.</summary>
/// <remarks>The random half keeps agents apart that lost the same gateway at the same moment.</remarks>
internal sealed class Backoff(TimeSpan min, TimeSpan max, Random random)
{
    private TimeSpan _last;

    /// <summary>Starts over: the last try succeeded.</summary>
    public void Reset() => _last = TimeSpan.Zero;

    /// <summary>The pause before the next try.</summary>
    public TimeSpan Next()
    {
        _last = _last == TimeSpan.Zero ? min : _last < max / 2 ? _last * 2 : max;
        return _last * (0.5 + random.NextDouble() / 2);
    }
}
