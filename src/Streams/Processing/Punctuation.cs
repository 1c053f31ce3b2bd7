namespace Streams;

/// <summary>Which clock moves a punctuation.</summary>
public enum PunctuationType
{
    /// <summary>The greatest record timestamp seen: moves only with records. First due with the first record, then at multiples of the interval.</summary>
    StreamTime,

    /// <summary>The clock on the wall. First due one interval after it was scheduled.</summary>
    WallClockTime,
}

/// <summary>A scheduled punctuation; dispose it to cancel.</summary>
public sealed class Punctuation : IDisposable
{
    internal Punctuation(string node, long due, long interval, Action<long> callback)
    {
        Node = node;
        Due = due;
        Interval = interval;
        Callback = callback;
    }

    internal string Node { get; }

    internal long Due { get; set; }

    internal long Interval { get; }

    internal Action<long> Callback { get; }

    internal bool Cancelled { get; private set; }

    /// <summary>Cancels: the callback is not called again.</summary>
    public void Dispose() => Cancelled = true;
}
