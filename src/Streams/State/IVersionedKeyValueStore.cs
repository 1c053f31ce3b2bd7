namespace Streams;

/// <summary>A versioned store as queries see it: values by key and time.</summary>
public interface IReadOnlyVersionedKeyValueStore<TKey, TValue>
{
    /// <summary>A key's latest value; null where there is none.</summary>
    VersionedRecord<TValue>? Get(TKey key);

    /// <summary>A key's value as of a time; null where there was none, or where the time is past the history retention and the latest value is newer.</summary>
    VersionedRecord<TValue>? Get(TKey key, long asOf);

    /// <summary>A key's values that were valid at some time from <paramref name="from"/> to <paramref name="to"/>, both included. A snapshot.</summary>
    IEnumerable<VersionedRecord<TValue>> GetVersions(TKey key, long from, long to, bool ascending = false);
}

/// <summary>
/// Values by key and time: each value is valid from its timestamp until the key's next one (KIP-889). Values that ended more than the history
/// retention before the greatest timestamp put are gone, the latest of each key never; puts that are older than that are not taken.
/// </summary>
public interface IVersionedKeyValueStore<TKey, TValue> : IReadOnlyVersionedKeyValueStore<TKey, TValue>, IStateStore
{
    /// <summary>Adds a key's value as of <paramref name="timestamp"/>; null says that from then on there is none.</summary>
    /// <returns>
    /// Until when it is valid: the time of the key's next value, <see cref="VersionedStore.ValidToUndefined"/> where it is the latest, or
    /// <see cref="VersionedStore.NotPut"/> where it came too late.
    /// </returns>
    long Put(TKey key, TValue value, long timestamp);

    /// <summary>Says that from <paramref name="timestamp"/> on, until its next value, a key has none.</summary>
    /// <returns>The value as of that time before; null where there was none or the deletion came too late.</returns>
    VersionedRecord<TValue>? Delete(TKey key, long timestamp);
}

/// <summary>A value of a versioned store.</summary>
/// <param name="Value">The value.</param>
/// <param name="Timestamp">From when it is valid, in milliseconds since 1970-01-01 UTC.</param>
/// <param name="ValidTo">
/// Until when, excluded, as <see cref="IReadOnlyVersionedKeyValueStore{TKey, TValue}.GetVersions"/> tells it; null where it is the latest, and where one value was
/// asked for: as in Kafka Streams, the answer to that does not say.
/// </param>
public readonly record struct VersionedRecord<TValue>(TValue Value, long Timestamp, long? ValidTo = null);

/// <summary>What <see cref="IVersionedKeyValueStore{TKey, TValue}.Put"/> answers where it has no time to give.</summary>
public static class VersionedStore
{
    /// <summary>The value is the key's latest: it is valid until the next.</summary>
    public const long ValidToUndefined = -1;

    /// <summary>The value was not taken: it is older than the history that the store keeps.</summary>
    public const long NotPut = long.MinValue;
}
