namespace Streams.Oracle;

/// <summary>The numbers of <c>java.util.Random</c>, so that equal seeds make equal scenarios on both sides.</summary>
internal sealed class JavaRandom(long seed)
{
    private const long Multiplier = 0x5DEECE66D;
    private const long Mask = (1L << 48) - 1;

    private long _state = (seed ^ Multiplier) & Mask;

    /// <summary>A number from 0 up to and without <paramref name="bound"/>.</summary>
    public int Next(int bound)
    {
        var bits = NextBits();
        var last = bound - 1;
        if ((bound & last) == 0)
            return (int)((bound * (long)bits) >> 31);

        // Numbers of the last, incomplete round are thrown again, or small results would be likelier.
        int result;
        while (unchecked(bits - (result = bits % bound) + last) < 0)
            bits = NextBits();
        return result;
    }

    private int NextBits()
    {
        _state = (_state * Multiplier + 0xB) & Mask;
        return (int)(_state >> 17);
    }
}
