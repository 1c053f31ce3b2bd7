namespace Streams.Processing;

/// <summary>A table's own store as its node and its readers use it, whichever of the two kinds it is.</summary>
internal sealed class TableStore<TKey, TValue>
{
    private readonly ITimestampedKeyValueStore<TKey, TValue>? _timestamped;
    private readonly IVersionedKeyValueStore<TKey, TValue>? _versioned;

    public TableStore(TaskContext context, string name)
    {
        var store = context.Stores[name];
        _timestamped = store as ITimestampedKeyValueStore<TKey, TValue>;
        _versioned = store as IVersionedKeyValueStore<TKey, TValue>;
        if (_timestamped is null && _versioned is null)
        {
            throw new TopologyException(
                $"Store '{name}' is a {TypeName.Of(store.GetType())}; a table keeps its values in a timestamped or a versioned store. " +
                "Make it with Stores.TimestampedKeyValue or Stores.Versioned.");
        }
    }

    public bool IsVersioned => _versioned is not null;

    public bool TryGet(TKey key, out ValueAndTimestamp<TValue> value)
    {
        if (_timestamped is not null)
            return _timestamped.TryGet(key, out value);

        return Unpack(_versioned!.Get(key), out value);
    }

    /// <summary>The value that held at <paramref name="asOf"/>; of versioned stores only.</summary>
    public bool TryGet(TKey key, long asOf, out ValueAndTimestamp<TValue> value) =>
        Unpack((_versioned ?? throw NotVersioned()).Get(key, asOf), out value);

    /// <summary>Sets or deletes a key's value; false where the record is too old for the store's history and was not put.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <param name="hasValue">False deletes.</param>
    /// <param name="timestamp">When the value begins to hold.</param>
    /// <param name="isLatest">False where the store holds a newer value already.</param>
    public bool TryPut(TKey key, TValue? value, bool hasValue, long timestamp, out bool isLatest)
    {
        if (_timestamped is not null)
        {
            isLatest = true;
            if (hasValue)
                _timestamped.Put(key, new(value!, timestamp));
            else
                _timestamped.Delete(key);
            return true;
        }

        if (!hasValue && default(TValue) is not null)
        {
            // A value type has no null to put, and Delete does not say until when the deletion holds: for good, where nothing newer is there.
            _versioned!.Delete(key, timestamp);
            isLatest = _versioned.Get(key) is null;
            return true;
        }

        var validTo = _versioned!.Put(key, hasValue ? value! : default!, timestamp);
        isLatest = validTo == VersionedStore.ValidToUndefined;
        return validTo != VersionedStore.NotPut;
    }

    private static bool Unpack(VersionedRecord<TValue>? record, out ValueAndTimestamp<TValue> value)
    {
        value = record is { } found ? new(found.Value, found.Timestamp) : default;
        return record is not null;
    }

    private static NotSupportedException NotVersioned() =>
        new("Only a versioned store can tell what held at another time.");
}
