namespace Streams.State;

/// <summary>What a key-value store is to hold.</summary>
internal sealed record KeyValueStoreSpec<TKey, TStored>(string Name, ISerde<TKey> KeySerde, StoredValue<TStored> Values);

/// <summary>What a window store is to hold.</summary>
internal sealed record WindowStoreSpec<TKey, TStored>(
    string Name, ISerde<TKey> KeySerde, StoredValue<TStored> Values, long RetentionMs, long WindowSizeMs)
{
    /// <summary>Whether several values of one key and start are kept beside each other, as stream joins want it, instead of the last.</summary>
    public bool RetainDuplicates { get; init; }

    /// <summary>Whether the store will be scanned by time over all keys: what emits windows when they close does so.</summary>
    public bool TimeOrdered { get; init; }

    /// <summary>Whether such a store lists a range of keys by key first all the same, as Kafka Streams' does by an index for sliding windows.</summary>
    public bool KeyIndexed { get; init; }

    /// <summary>
    /// How much less than the retention a row's time may lie behind the latest and still be found: in Kafka Streams' persistent stores, those by time show
    /// one millisecond more than the others.
    /// </summary>
    public long HiddenFrom => TimeOrdered ? 0 : 1;

    /// <summary>Whether rows of all keys come by time, then key, from a store of segments, too.</summary>
    public bool ListsAllByTime => TimeOrdered;

    /// <summary>Whether rows of a range of keys do.</summary>
    public bool ListsRangesByTime => TimeOrdered && !KeyIndexed;

    /// <summary>How long the changelog keeps windows at least; the store's own retention unless told otherwise.</summary>
    public long ChangelogRetentionMs { get; init; } = RetentionMs;

    /// <summary>How much time a segment holds, of stores that expire a segment at a time; Kafka Streams' <c>max(retention / 2, 60 s)</c>.</summary>
    public long SegmentIntervalMs { get; init; } = Segments.Interval(RetentionMs);
}

/// <summary>What a session store is to hold.</summary>
internal sealed record SessionStoreSpec<TKey, TAggregate>(string Name, ISerde<TKey> KeySerde, StoredValue<TAggregate> Values, long RetentionMs)
{
    /// <inheritdoc cref="WindowStoreSpec{TKey, TStored}.TimeOrdered"/>
    public bool TimeOrdered { get; init; }

    /// <inheritdoc cref="WindowStoreSpec{TKey, TStored}.ChangelogRetentionMs"/>
    public long ChangelogRetentionMs { get; init; } = RetentionMs;

    /// <inheritdoc cref="WindowStoreSpec{TKey, TStored}.SegmentIntervalMs"/>
    public long SegmentIntervalMs { get; init; } = Segments.Interval(RetentionMs);
}

/// <summary>What a versioned store is to hold.</summary>
internal sealed record VersionedStoreSpec<TKey, TValue>(string Name, ISerde<TKey> KeySerde, ISerde<TValue> ValueSerde, long HistoryRetentionMs)
{
    /// <summary>How much time a segment of old versions holds: by default as Kafka Streams chooses it from the history's length.</summary>
    public long SegmentIntervalMs { get; init; } = Segments.VersionedInterval(HistoryRetentionMs);
}

/// <summary>Segments: spans of time that expire as a whole.</summary>
internal static class Segments
{
    public static long Interval(long retentionMs) => Math.Max(retentionMs / 2, 60_000);

    // The tiers of KIP-889: short histories get fewer segments.
    public static long VersionedInterval(long historyRetentionMs) => historyRetentionMs switch
    {
        <= 60_000 => Math.Max(historyRetentionMs / 3, 2_000),
        <= 300_000 => Math.Max(historyRetentionMs / 5, 20_000),
        <= 3_600_000 => Math.Max(historyRetentionMs / 12, 60_000),
        _ => Math.Max(historyRetentionMs / 24, 300_000),
    };
}
