namespace Streams.State;

/// <summary>One key's values by the time from which they are valid, deletions among them; each is valid until the next.</summary>
/// <param name="madeIn">How many snapshots of the store there were when the list was made: it is written only until the next.</param>
internal sealed class VersionList<TValue>(int madeIn)
{
    private Version[] _versions = new Version[1];

    public int Count { get; private set; }

    public int MadeIn => madeIn;

    public ref readonly Version this[int i] => ref _versions[i];

    /// <summary>The list to write from now on; this one stays as it is.</summary>
    public VersionList<TValue> Copy(int madeIn) => new(madeIn) { Count = Count, _versions = [.. _versions] };

    /// <summary>Adds a version or replaces the one of its time.</summary>
    /// <returns>Until when it is valid; <see cref="VersionedStore.ValidToUndefined"/> for the latest.</returns>
    public long Put(in Version version)
    {
        var at = FirstAfter(version.From);
        var validTo = at < Count ? _versions[at].From : VersionedStore.ValidToUndefined;
        if (at > 0 && _versions[at - 1].From == version.From)
        {
            // A deletion at the very time of the latest value leaves no trace where no value ended then, as in Kafka Streams: nothing says any more that it
            // was there.
            if (!version.HasValue && at == Count && _versions[at - 1].HasValue && (at == 1 || !_versions[at - 2].HasValue))
                _versions[--Count] = default;
            else
                _versions[at - 1] = version;
            return validTo;
        }

        if (Count == _versions.Length)
            Array.Resize(ref _versions, Count * 2);
        Array.Copy(_versions, at, _versions, at + 1, Count - at);
        _versions[at] = version;
        Count++;
        return validTo;
    }

    /// <summary>The version that is valid at a time; −1 where there is none.</summary>
    public int At(long time) => FirstAfter(time) - 1;

    /// <summary>Until when a version is valid; null for the latest.</summary>
    public long? ValidTo(int i) => i + 1 < Count ? _versions[i + 1].From : null;

    /// <summary>How many versions ended at <paramref name="time"/> or before, with a deletion before it that nothing follows.</summary>
    public int EndedBy(long time)
    {
        var ended = 0;
        while (ended + 1 < Count && _versions[ended + 1].From <= time)
            ended++;
        if (ended + 1 == Count && !_versions[ended].HasValue && _versions[ended].From < time)
            ended++;
        return ended;
    }

    public void RemoveFirst(int count)
    {
        if (count == 0)
            return;

        Array.Copy(_versions, count, _versions, 0, Count - count);
        Array.Clear(_versions, Count - count, count);
        Count -= count;
    }

    // Looked for from the latest: most puts and reads are about now.
    private int FirstAfter(long time)
    {
        var i = Count;
        while (i > 0 && _versions[i - 1].From > time)
            i--;
        return i;
    }

    internal readonly record struct Version(long From, TValue Value, bool HasValue);
}
