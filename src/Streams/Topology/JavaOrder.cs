namespace Streams;

/// <summary>
/// The order in which Java's <c>HashSet</c> and <c>HashMap</c> list strings: Kafka Streams' descriptions show it, and ours are to be the same.
/// </summary>
internal static class JavaOrder
{
    /// <summary>The items in the order of a Java hash table that they were put into one by one.</summary>
    public static IReadOnlyList<string> Of(IReadOnlyCollection<string> items)
    {
        // 16 buckets at first, twice as many whenever three quarters are full.
        var buckets = 16;
        while (items.Count > buckets / 4 * 3)
            buckets *= 2;
        return [.. items.OrderBy(i => Spread(i) & (buckets - 1))];
    }

    private static int Spread(string text)
    {
        var hash = 0;
        foreach (var unit in text)
            hash = unchecked((31 * hash) + unit);
        return hash ^ (int)((uint)hash >> 16);
    }
}

/// <summary>
/// A Java <c>TreeSet</c> as far as its order goes: each item is placed by comparisons made when it comes, even where these would turn out otherwise
/// later. A red-black tree, as the comparisons made depend on the tree's shape.
/// </summary>
internal sealed class JavaTreeSet<T>(Comparison<T> compare)
    where T : class
{
    private Entry? _root;

    public void Add(T item)
    {
        Entry? parent = null;
        var side = 0;
        for (var at = _root; at is not null; at = side < 0 ? at.Left : at.Right)
        {
            parent = at;
            side = compare(item, at.Item);
            if (side == 0)
                return;
        }

        var added = new Entry(item) { Parent = parent };
        if (parent is null)
            _root = added;
        else if (side < 0)
            parent.Left = added;
        else
            parent.Right = added;
        Balance(added);
    }

    public IEnumerable<T> InOrder()
    {
        var path = new Stack<Entry>();
        for (var at = _root; at is not null || path.Count > 0; at = at.Right)
        {
            for (; at is not null; at = at.Left)
                path.Push(at);
            at = path.Pop();
            yield return at.Item;
        }
    }

    // Insertion as in Cormen, Leiserson, Rivest and Stein, which java.util.TreeMap follows.
    private void Balance(Entry added)
    {
        var at = added;
        while (at.Parent is { IsRed: true } parent)
        {
            var grandparent = parent.Parent!;
            var left = parent == grandparent.Left;
            if ((left ? grandparent.Right : grandparent.Left) is { IsRed: true } uncle)
            {
                (parent.IsRed, uncle.IsRed, grandparent.IsRed) = (false, false, true);
                at = grandparent;
                continue;
            }

            if (at == (left ? parent.Right : parent.Left))
            {
                at = parent;
                Rotate(at, toLeft: left);
                parent = at.Parent!;
            }

            (parent.IsRed, grandparent.IsRed) = (false, true);
            Rotate(grandparent, toLeft: !left);
        }

        _root!.IsRed = false;
    }

    private void Rotate(Entry top, bool toLeft)
    {
        var up = (toLeft ? top.Right : top.Left)!;
        var moved = toLeft ? up.Left : up.Right;
        if (toLeft)
            (top.Right, up.Left) = (moved, top);
        else
            (top.Left, up.Right) = (moved, top);
        if (moved is not null)
            moved.Parent = top;

        up.Parent = top.Parent;
        if (up.Parent is null)
            _root = up;
        else if (up.Parent.Left == top)
            up.Parent.Left = up;
        else
            up.Parent.Right = up;
        top.Parent = up;
    }

    private sealed class Entry(T item)
    {
        public T Item { get; } = item;

        public bool IsRed { get; set; } = true;

        public Entry? Parent { get; set; }

        public Entry? Left { get; set; }

        public Entry? Right { get; set; }
    }
}
