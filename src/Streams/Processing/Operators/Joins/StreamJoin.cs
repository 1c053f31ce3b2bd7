namespace Streams.Processing;

/// <summary>What the nodes of one stream-stream join share.</summary>
internal sealed class StreamJoin<TKey, TLeft, TRight, TResult>(JoinWindows windows, Func<TKey, TLeft, TRight, TResult> joiner)
{
    public long BeforeMs { get; } = windows.BeforeMs;

    public long AfterMs { get; } = windows.AfterMs;

    public long GraceMs { get; } = windows.GraceMs;

    public Func<TKey, TLeft, TRight, TResult> Joiner { get; } = joiner;

    /// <summary>Where records wait for a partner; null of inner joins.</summary>
    public string? UnmatchedStore { get; init; }

    public JoinTimesByTask Times { get; } = new();

    /// <summary>Until when, in stream time, a waiting record may still find a partner: its window's end and grace.</summary>
    public long ClosesAt(in UnmatchedKey<TKey> waiting) => waiting.Time + (waiting.IsLeft ? AfterMs : BeforeMs) + GraceMs;
}
