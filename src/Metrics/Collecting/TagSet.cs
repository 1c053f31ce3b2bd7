namespace Metrics.Collecting;

/// <summary>The tags that one series is found by, whatever their order.</summary>
internal sealed class TagSet(ReadOnlySpan<KeyValuePair<string, object?>> tags)
{
    private readonly KeyValuePair<string, object?>[] _tags = tags.ToArray();

    public ReadOnlySpan<KeyValuePair<string, object?>> Tags => _tags;
}

/// <summary>Finds a series by the tags of a measurement as they lie on the caller's stack: nothing is allocated for one that exists.</summary>
internal sealed class TagSetComparer : IEqualityComparer<TagSet>, IAlternateEqualityComparer<ReadOnlySpan<KeyValuePair<string, object?>>, TagSet>
{
    public static TagSetComparer Instance { get; } = new();

    public bool Equals(TagSet? x, TagSet? y) => ReferenceEquals(x, y) || (x is not null && y is not null && Equals(x.Tags, y));

    public int GetHashCode(TagSet obj) => GetHashCode(obj.Tags);

    public bool Equals(ReadOnlySpan<KeyValuePair<string, object?>> alternate, TagSet other)
    {
        var tags = other.Tags;
        if (alternate.Length != tags.Length)
            return false;

        // Almost always in the same order; a search is for the other times.
        for (var i = 0; i < tags.Length; i++)
        {
            if (!IsSame(alternate[i], tags[i]) && !(Contains(tags, alternate[i]) && Contains(alternate, tags[i])))
                return false;
        }

        return true;
    }

    public int GetHashCode(ReadOnlySpan<KeyValuePair<string, object?>> alternate)
    {
        // A sum, so that order does not matter.
        var hash = alternate.Length;
        foreach (var (name, value) in alternate)
            hash += HashCode.Combine(string.GetHashCode(name, StringComparison.Ordinal), value);
        return hash;
    }

    public TagSet Create(ReadOnlySpan<KeyValuePair<string, object?>> alternate) => new(alternate);

    private static bool Contains(ReadOnlySpan<KeyValuePair<string, object?>> tags, KeyValuePair<string, object?> tag)
    {
        foreach (var other in tags)
        {
            if (IsSame(other, tag))
                return true;
        }

        return false;
    }

    private static bool IsSame(KeyValuePair<string, object?> x, KeyValuePair<string, object?> y) =>
        string.Equals(x.Key, y.Key, StringComparison.Ordinal) && Equals(x.Value, y.Value);
}
