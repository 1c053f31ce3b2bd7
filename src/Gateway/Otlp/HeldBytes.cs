namespace Gateway.Otlp;

/// <summary>The bytes of all OTLP requests that the gateway holds, and their bound.</summary>
/// <remarks>
/// The last quarter is for small requests, those of at most a 32nd of the bound: large ones, which would otherwise take every byte that becomes
/// free, cannot shut them out. A large request that is alone always fits (<see cref="IngestLimits.Validate"/> sees to it), so none is refused for ever.
/// </remarks>
internal sealed class HeldBytes(long max)
{
    private readonly long _smallMax = max / 32;
    private long _held;

    /// <summary>The most that large requests may hold together.</summary>
    public static long LargeMax(long max) => max - (max / 4);

    public long Max => max;

    public long Now => Volatile.Read(ref _held);

    /// <summary>Takes bytes, all of them or none.</summary>
    /// <param name="bytes">How many more.</param>
    /// <param name="requestBytes">All bytes of the request they are for, these among them.</param>
    public bool TryTake(long bytes, long requestBytes)
    {
        var limit = requestBytes <= _smallMax ? max : LargeMax(max);
        var before = Volatile.Read(ref _held);
        while (before + bytes <= limit)
        {
            var seen = Interlocked.CompareExchange(ref _held, before + bytes, before);
            if (seen == before)
                return true;
            before = seen;
        }

        return false;
    }

    public void GiveBack(long bytes) => Interlocked.Add(ref _held, -bytes);
}
