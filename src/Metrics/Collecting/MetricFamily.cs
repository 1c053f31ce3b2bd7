using System.Collections.Concurrent;

namespace Metrics.Collecting;

/// <summary>All series of one name.</summary>
internal sealed class MetricFamily
{
    private readonly ConcurrentDictionary<TagSet, Series> _byTags = new(TagSetComparer.Instance);
    private readonly ConcurrentDictionary<TagSet, Series>.AlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>> _lookup;
    private readonly Dictionary<string, Series> _byLabels = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private readonly double[] _bounds;
    private readonly int _seriesMax;
    private long _dropped;

    public MetricFamily(FamilyName name, FamilyKind kind, string help, double[] bounds, int seriesMax)
    {
        (Name, Kind, Help, _bounds, _seriesMax) = (name, kind, help, bounds, seriesMax);
        _lookup = _byTags.GetAlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>>();
    }

    public FamilyName Name { get; }

    public FamilyKind Kind { get; }

    public string Help { get; }

    /// <summary>Measurements that were not taken because their series would have been one too many.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>The series, by their labels.</summary>
    public Series[] Series
    {
        get
        {
            lock (_gate)
                return [.. _byLabels.Values.OrderBy(series => series.Labels, StringComparer.Ordinal)];
        }
    }

    /// <summary>The series of a measurement; null at the bound, where the measurement is counted as dropped.</summary>
    /// <param name="tags">The measurement's tags.</param>
    /// <param name="common">Tags of the instrument and its meter.</param>
    public Series? Find(ReadOnlySpan<KeyValuePair<string, object?>> tags, KeyValuePair<string, object?>[] common)
    {
        if (common.Length > 0)
            tags = (KeyValuePair<string, object?>[])[.. common, .. tags];
        return _lookup.TryGetValue(tags, out var series) ? series : Make(tags);
    }

    /// <summary>Lets go of what the latest collection did not observe any more, so that others may come.</summary>
    public void ForgetGone(long collection)
    {
        lock (_gate)
        {
            foreach (var (tags, series) in _byTags)
            {
                if (series.IsGone(collection))
                {
                    _byTags.TryRemove(tags, out _);
                    _byLabels.Remove(series.Labels);
                }
            }
        }
    }

    private Series? Make(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        lock (_gate)
        {
            if (_lookup.TryGetValue(tags, out var series))
                return series;
            if (_byTags.Count >= _seriesMax)
            {
                Interlocked.Increment(ref _dropped);
                return null;
            }

            // Tags that are written alike (1 and "1") are one series, or a scrape would hold it twice.
            var key = new TagSet(tags);
            var labels = LabelText.Of(key.Tags.ToArray());
            if (!_byLabels.TryGetValue(labels, out series))
                _byLabels.Add(labels, series = new Series(labels, _bounds));
            _byTags[key] = series;
            return series;
        }
    }
}
