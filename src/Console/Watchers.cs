namespace WebConsole;

/// <summary>Counts the pages that watch live. Full means no: a browser tries again by itself.</summary>
internal sealed class Watchers(int most)
{
    private int _now;

    /// <summary>Takes a place; false where there is none.</summary>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _now) <= most)
            return true;
        Interlocked.Decrement(ref _now);
        return false;
    }

    /// <summary>Gives the place back.</summary>
    public void Leave() => Interlocked.Decrement(ref _now);
}
