using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace Streams.State;

/// <summary>Items in order, in pages, that can be kept as they are in no time, as in <see cref="CowMap{TKey, TValue}"/>. One writer.</summary>
/// <remarks>A place is a page and an index in it, good until an item comes or goes.</remarks>
internal sealed class CowSorted<T, TOrder>
    where TOrder : struct, IComparer<T>
{
    private const int PageItems = 256;

    private Page[] _pages;
    private int _pageCount;
    private readonly int _fork;
    private bool _tableIsShared;

    public CowSorted() => _pages = new Page[4];

    private CowSorted(CowSorted<T, TOrder> before)
    {
        (_pages, _pageCount, Count) = (before._pages, before._pageCount, before.Count);
        _fork = before._fork + 1;
        _tableIsShared = true;
    }

    public int Count { get; private set; }

    public bool IsForked { get; private set; }

    /// <summary>The items to write from now on; these stay as they are.</summary>
    public CowSorted<T, TOrder> Fork()
    {
        IsForked = true;
        return new(this);
    }

    /// <summary>Adds an item, or puts it in the place of the one that it is equal to.</summary>
    public void Set(T item)
    {
        var at = FirstFrom(item);
        if (TryGet(at, out var found) && default(TOrder).Compare(found, item) == 0)
        {
            Own(at.Page).Items[at.Index] = item;
            return;
        }

        Insert(at, item);
        Count++;
    }

    public bool Remove(T item)
    {
        var at = FirstFrom(item);
        if (!TryGet(at, out var found) || default(TOrder).Compare(found, item) != 0)
            return false;

        var page = Own(at.Page);
        Array.Copy(page.Items, at.Index + 1, page.Items, at.Index, --page.Count - at.Index);
        page.Items[page.Count] = default!;
        Count--;
        if (page.Count == 0)
        {
            Array.Copy(_pages, at.Page + 1, _pages, at.Page, --_pageCount - at.Page);
            _pages[_pageCount] = null!;
        }

        return true;
    }

    public bool TryGet(Place at, [MaybeNullWhen(false)] out T item)
    {
        if ((uint)at.Page < (uint)_pageCount && (uint)at.Index < (uint)_pages[at.Page].Count)
        {
            item = _pages[at.Page].Items[at.Index];
            return true;
        }

        item = default;
        return false;
    }

    /// <summary>Where the first item is that is <paramref name="item"/> or follows it; behind the last where there is none.</summary>
    public Place FirstFrom(T item)
    {
        // The last page that does not begin after the item: whatever is less lies in it or before.
        var (low, high) = (0, _pageCount);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (default(TOrder).Compare(_pages[middle].Items[0], item) < 0)
                low = middle + 1;
            else
                high = middle;
        }

        if (low == 0)
            return default;

        var page = _pages[low - 1];
        var (from, to) = (0, page.Count);
        while (from < to)
        {
            var middle = (from + to) >>> 1;
            if (default(TOrder).Compare(page.Items[middle], item) < 0)
                from = middle + 1;
            else
                to = middle;
        }

        return from < page.Count ? new(low - 1, from) : new(low, 0);
    }

    public Place Next(Place at) => at.Index + 1 < _pages[at.Page].Count ? new(at.Page, at.Index + 1) : new(at.Page + 1, 0);

    /// <summary>The place before one; no item is there where it was the first.</summary>
    public Place Before(Place at)
    {
        if (at.Index > 0)
            return new(at.Page, at.Index - 1);

        return at.Page == 0 ? new(-1, 0) : new(at.Page - 1, _pages[at.Page - 1].Count - 1);
    }

    /// <summary>Behind the last item.</summary>
    public Place End => new(_pageCount, 0);

    private void Insert(Place at, T item)
    {
        // Between two pages an item goes to the end of the first: keys that only grow fill page after page.
        if (at.Index == 0 && at.Page > 0)
            at = new(at.Page - 1, _pages[at.Page - 1].Count);
        if (_pageCount == 0)
        {
            InsertPage(0, new Page(_fork, PageItems));
            at = default;
        }
        else if (_pages[at.Page].Count == PageItems)
        {
            at = Split(at);
        }

        var page = Own(at.Page);
        if (page.Count == page.Items.Length)
            Array.Resize(ref page.Items, Math.Min(PageItems, 2 * page.Count));
        Array.Copy(page.Items, at.Index, page.Items, at.Index + 1, page.Count++ - at.Index);
        page.Items[at.Index] = item;
    }

    /// <summary>Makes two pages of a full one, and says where <paramref name="at"/> is then.</summary>
    private Place Split(Place at)
    {
        var kept = at is { Index: PageItems } && at.Page == _pageCount - 1 ? PageItems : PageItems / 2;
        var next = new Page(_fork, PageItems);
        if (kept < PageItems)
        {
            var page = Own(at.Page);
            next.Count = PageItems - kept;
            Array.Copy(page.Items, kept, next.Items, 0, next.Count);
            Array.Clear(page.Items, kept, next.Count);
            page.Count = kept;
        }

        InsertPage(at.Page + 1, next);
        return at.Index < kept || (at.Index == kept && kept < PageItems) ? at : new(at.Page + 1, at.Index - kept);
    }

    private void InsertPage(int at, Page page)
    {
        if (_tableIsShared || _pageCount == _pages.Length)
        {
            var table = new Page[_pageCount < _pages.Length ? _pages.Length : 2 * _pages.Length];
            Array.Copy(_pages, table, _pageCount);
            (_pages, _tableIsShared) = (table, false);
        }

        Array.Copy(_pages, at, _pages, at + 1, _pageCount++ - at);
        _pages[at] = page;
    }

    /// <summary>The page as this writer's own.</summary>
    private Page Own(int at)
    {
        Debug.Assert(!IsForked, "What was forked is kept as it is.");
        var page = _pages[at];
        if (page.MadeIn == _fork)
            return page;

        if (_tableIsShared)
            (_pages, _tableIsShared) = ((Page[])_pages.Clone(), false);
        page = new(_fork, page.Items.Length) { Count = page.Count };
        Array.Copy(_pages[at].Items, page.Items, page.Count);
        return _pages[at] = page;
    }

    /// <summary>Where an item is.</summary>
    public readonly record struct Place(int Page, int Index);

    private sealed class Page(int madeIn, int items)
    {
        public readonly int MadeIn = madeIn;
        public T[] Items = new T[items];
        public int Count;
    }
}
