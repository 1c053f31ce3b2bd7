namespace Streams.Dsl;

/// <summary>The stores that tables keep.</summary>
internal static class TableStores
{
    /// <summary>A table's store, as the user wants it kept.</summary>
    public static StoreBuilder Of<TKey, TValue>(
        string name, ISerde<TKey> keySerde, ISerde<TValue> valueSerde, Materialized<TKey, TValue>? materialized)
    {
        materialized ??= new();
        return materialized.Apply(materialized.HistoryRetention is { } history
            ? Stores.Versioned(name, keySerde, valueSerde, history)
            : Stores.TimestampedKeyValue(name, keySerde, valueSerde));
    }
}
