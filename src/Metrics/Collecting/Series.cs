namespace Metrics.Collecting;

/// <summary>One family's numbers for one set of labels. Any thread may add; observed values come from the one that collects.</summary>
internal sealed class Series
{
    private readonly double[] _bounds;
    private readonly long[] _counts;
    private double _value;
    private bool _isObserved;

    /// <param name="labels">The labels as they are written.</param>
    /// <param name="bounds">A histogram's upper bounds, ascending; empty for the other kinds.</param>
    public Series(string labels, double[] bounds)
    {
        Labels = labels;
        _bounds = bounds;
        _counts = new long[bounds.Length == 0 ? 0 : bounds.Length + 1];
    }

    public string Labels { get; }

    /// <summary>The collection that last saw it observed; 0 for a series that is added to.</summary>
    public long ObservedAt { get; private set; }

    /// <summary>Whether the latest collection did not see it any more.</summary>
    public bool IsGone(long collection) => _isObserved && ObservedAt != collection;

    /// <summary>A counter's or gauge's value, a histogram's sum.</summary>
    public double Value => Volatile.Read(ref _value);

    public ReadOnlySpan<double> Bounds => _bounds;

    /// <summary>How many measurements fell at or below a bound and above the one before; one more than there are bounds.</summary>
    public long Count(int bucket) => Volatile.Read(ref _counts[bucket]);

    public void Add(double value)
    {
        double seen;
        do
            seen = Volatile.Read(ref _value);
        while (Interlocked.CompareExchange(ref _value, seen + value, seen) != seen && !double.IsNaN(seen));
    }

    public void Set(double value) => Volatile.Write(ref _value, value);

    /// <summary>Puts a measurement of a histogram into its bucket.</summary>
    public void Record(double value)
    {
        if (double.IsNaN(value))
            return;
        var bucket = 0;
        while (bucket < _bounds.Length && value > _bounds[bucket])
            bucket++;
        Interlocked.Increment(ref _counts[bucket]);
        Add(value);
    }

    /// <summary>Takes an observed value. Several in one collection come from several instruments of one name.</summary>
    public void Observe(double value, long collection, bool addsUp)
    {
        Set(addsUp && ObservedAt == collection ? _value + value : value);
        (_isObserved, ObservedAt) = (true, collection);
    }
}
