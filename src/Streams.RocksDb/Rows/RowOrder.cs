namespace Streams.RocksDb.Rows;

/// <summary>A buffer's entries in the order of their keys' bytes: a skip list over their indexes.</summary>
/// <remarks>Entries only ever come; <see cref="Clear"/> removes them all.</remarks>
internal sealed class RowOrder(RowBuffer rows)
{
    private const int LevelsMax = 18;
    private const int None = -1;

    // The links of entry i on levels 0, 1, … lie from _starts[i] on; those of the head from 0 on.
    private int[] _links = NewHead();
    private int[] _starts = new int[256];
    private int _linksUsed = LevelsMax;
    private int _levels = 1;
    private ulong _random = 0x2545_F491_4F6C_DD1D;
    private readonly int[] _path = new int[LevelsMax];

    public int Last
    {
        get
        {
            var at = None;
            for (var level = _levels - 1; level >= 0; level--)
            {
                for (var next = Link(at, level); next != None; next = Link(at, level))
                    at = next;
            }

            return at;
        }
    }

    public void Add(int index)
    {
        Descend(rows.Key(index));
        var levels = NewLevels();
        for (; _levels < levels; _levels++)
            _path[_levels] = None;

        if (index >= _starts.Length)
            Array.Resize(ref _starts, Math.Max(index + 1, 2 * _starts.Length));
        if (_linksUsed + levels > _links.Length)
            Array.Resize(ref _links, 2 * (_linksUsed + levels));
        _starts[index] = _linksUsed;
        _linksUsed += levels;
        for (var level = 0; level < levels; level++)
        {
            ref var before = ref Link(_path[level], level);
            Link(index, level) = before;
            before = index;
        }
    }

    public int FirstFrom(ReadOnlySpan<byte> key)
    {
        Descend(key);
        return Link(_path[0], 0);
    }

    public int LastBefore(ReadOnlySpan<byte> key)
    {
        Descend(key);
        return _path[0];
    }

    public int Next(int index) => Link(index, 0);

    public void Clear()
    {
        Array.Fill(_links, None, 0, LevelsMax);
        _linksUsed = LevelsMax;
        _levels = 1;
    }

    private static int[] NewHead()
    {
        var links = new int[1024];
        Array.Fill(links, None, 0, LevelsMax);
        return links;
    }

    private ref int Link(int index, int level) => ref _links[(index == None ? 0 : _starts[index]) + level];

    /// <summary>Sets the path to the last entry below <paramref name="key"/> on each level.</summary>
    private void Descend(ReadOnlySpan<byte> key)
    {
        var at = None;
        for (var level = _levels - 1; level >= 0; level--)
        {
            for (var next = Link(at, level); next != None && rows.Key(next).SequenceCompareTo(key) < 0; next = Link(at, level))
                at = next;
            _path[level] = at;
        }
    }

    // One in four entries rises a level. Any sequence does, so it is the same in every run.
    private int NewLevels()
    {
        _random ^= _random << 13;
        _random ^= _random >> 7;
        _random ^= _random << 17;
        return Math.Min(1 + System.Numerics.BitOperations.TrailingZeroCount(_random) / 2, LevelsMax);
    }
}
