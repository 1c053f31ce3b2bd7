using Streams.Dsl;
using Streams.Processing;

namespace Streams;

/// <summary>A table that every instance has in full: streams join it by any key, without repartitioning.</summary>
public sealed class GlobalKTable<TKey, TValue>
{
    internal GlobalKTable(string storeName, string? queryableStoreName)
    {
        Source = new GlobalTableSource<TKey, TValue>(storeName);
        QueryableStoreName = queryableStoreName;
    }

    /// <summary>The name by which the table's store can be queried; null where it was given none.</summary>
    public string? QueryableStoreName { get; }

    internal TableSource<TKey, TValue> Source { get; }
}

/// <summary>A global table: its store is no task's, so no node is connected to it.</summary>
internal sealed class GlobalTableSource<TKey, TValue>(string storeName) : TableSource<TKey, TValue>
{
    public override IReadOnlyCollection<string> GetterStores => [];

    public override bool IsVersioned => false;

    public override bool EnableSendingOldValues(bool forceMaterialization) => false;

    public override TableGetter<TKey, TValue> CreateGetter() => new TableStoreGetter<TKey, TValue>(storeName);
}
