namespace Streams.State;

/// <summary>One key's rows of a store of duplicates, by start and sequence.</summary>
/// <param name="madeIn">How many snapshots of the store there were when the list was made: it is written only until the next.</param>
internal sealed class DuplicateRows<TStored>(int madeIn)
{
    private readonly List<Row> _rows = [];

    public int Count => _rows.Count;

    public int MadeIn => madeIn;

    public Row this[int i] => _rows[i];

    /// <summary>The list to write from now on; this one stays as it is.</summary>
    public DuplicateRows<TStored> Copy(int madeIn)
    {
        var copy = new DuplicateRows<TStored>(madeIn);
        copy._rows.AddRange(_rows);
        return copy;
    }

    public int FirstFrom(long start) => FirstFrom(start, sequence: 0);

    /// <summary>Adds the values that start within bounds, by start.</summary>
    public void Collect(long from, long to, List<KeyValue<long, TStored>> found)
    {
        for (var i = FirstFrom(from); i < _rows.Count && _rows[i].Start <= to; i++)
            found.Add(new(_rows[i].Start, _rows[i].Value));
    }

    public void Insert(Row row) => _rows.Insert(FirstFrom(row.Start, row.Sequence), row);

    public void RemoveFirst(int count) => _rows.RemoveRange(0, count);

    private int FirstFrom(long start, int sequence)
    {
        var (low, high) = (0, _rows.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            var row = _rows[middle];
            if (row.Start < start || (row.Start == start && row.Sequence < sequence))
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    internal readonly record struct Row(long Start, int Sequence, TStored Value);
}
