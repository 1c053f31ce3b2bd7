namespace Streams.Processing;

/// <summary>How many records were skipped, by reason. Counted by one thread.</summary>
internal sealed class DropCounts
{
    public static readonly DropReason[] Reasons = Enum.GetValues<DropReason>();

    private readonly long[] _counts = new long[Reasons.Length];
    private readonly long[] _taken = new long[Reasons.Length];

    public long Total { get; private set; }

    public void Add(DropReason reason)
    {
        _counts[(int)reason]++;
        Total++;
    }

    /// <summary>How many more than at the last call.</summary>
    public long Take(DropReason reason)
    {
        var count = _counts[(int)reason] - _taken[(int)reason];
        _taken[(int)reason] += count;
        return count;
    }
}
