using System.Diagnostics;

namespace Streams.State;

/// <summary>
/// An array in pages that its one writer changes in place, until someone wants to keep it as it is: <see cref="Fork"/> makes the writer's next array,
/// which has the same pages, and copies each before it first changes it. The one before is never written again.
/// </summary>
/// <remarks>
/// So a reader of a forked array needs no lock, however long it reads; the writer pays for a fork with a copy of the table of pages (8 bytes for each
/// <see cref="PageItems"/> items) and of each page that it changes, once. What nobody keeps any more the garbage collector takes.
/// </remarks>
internal sealed class CowArray<T>
{
    public const int PageItems = 1 << PageBits;

    private const int PageBits = 8;

    private T[][] _pages;

    // The fork that a page was made in; null until the first fork, for until then all pages are the writer's own.
    private int[]? _madeIn;
    private int _fork;
    private bool _tableIsShared;

    public CowArray() => _pages = [];

    private CowArray(CowArray<T> before)
    {
        _pages = before._pages;
        _madeIn = before._madeIn;
        _fork = before._fork + 1;
        _tableIsShared = true;
    }

    /// <summary>How many items there is room for.</summary>
    public int Length => _pages.Length == 0 ? 0 : ((_pages.Length - 1) << PageBits) + _pages[^1].Length;

    /// <summary>Whether this array is kept as it is, and another written.</summary>
    public bool IsForked { get; private set; }

    /// <summary>An item to read, of this array or one that was forked.</summary>
    public ref readonly T this[int index] => ref _pages[index >> PageBits][index & (PageItems - 1)];

    /// <summary>An item to write.</summary>
    public ref T ToWrite(int index)
    {
        Debug.Assert(!IsForked, "What was forked is kept as it is.");
        var page = index >> PageBits;
        if (_fork != 0)
            Own(page);
        return ref _pages[page][index & (PageItems - 1)];
    }

    /// <summary>Makes room for <paramref name="length"/> items. A small array is one small page.</summary>
    public void Grow(int length)
    {
        if (length <= Length)
            return;

        var pages = (length + PageItems - 1) >> PageBits;
        var table = new T[pages <= 8 ? pages : Math.Max(pages, _pages.Length * 5 / 4)][];
        var madeIn = _fork == 0 ? null : new int[table.Length];
        _pages.CopyTo(table, 0);
        _madeIn?.CopyTo(madeIn!, 0);
        for (var i = Math.Max(0, _pages.Length - 1); i < table.Length; i++)
        {
            var items = table.Length > 1 ? PageItems : (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(4, length));
            if (table[i]?.Length == items)
                continue;

            var page = new T[items];
            table[i]?.CopyTo(page, 0);
            table[i] = page;
            if (madeIn is not null)
                madeIn[i] = _fork;
        }

        (_pages, _madeIn, _tableIsShared) = (table, madeIn, false);
    }

    /// <summary>The array to write from now on; this one stays as it is.</summary>
    public CowArray<T> Fork()
    {
        IsForked = true;
        return new(this);
    }

    private void Own(int page)
    {
        if (_madeIn is not null && page < _madeIn.Length && _madeIn[page] == _fork)
            return;

        if (_tableIsShared)
        {
            var madeIn = new int[_pages.Length];
            _madeIn?.CopyTo(madeIn, 0);
            (_pages, _madeIn, _tableIsShared) = ((T[][])_pages.Clone(), madeIn, false);
        }

        _pages[page] = (T[])_pages[page].Clone();
        _madeIn![page] = _fork;
    }
}
