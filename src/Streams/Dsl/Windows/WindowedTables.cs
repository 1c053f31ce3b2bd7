using Streams.Processing;

namespace Streams.Dsl;

/// <summary>The tables that windowed aggregations give: their values lie in a window store.</summary>
internal sealed class WindowTable<TKey, TAggregate>(string storeName) : TableSource<Windowed<TKey>, TAggregate>
{
    public override IReadOnlyCollection<string> GetterStores { get; } = [storeName];

    public override bool IsVersioned => false;

    public override bool EnableSendingOldValues(bool forceMaterialization) => SendsOldValues = true;

    public override TableGetter<Windowed<TKey>, TAggregate> CreateGetter() => new WindowTableGetter<TKey, TAggregate>(storeName);
}

/// <summary>The tables that session aggregations give: their values lie in a session store.</summary>
internal sealed class SessionTable<TKey, TAggregate>(string storeName) : TableSource<Windowed<TKey>, TAggregate>
{
    public override IReadOnlyCollection<string> GetterStores { get; } = [storeName];

    public override bool IsVersioned => false;

    public override bool EnableSendingOldValues(bool forceMaterialization) => SendsOldValues = true;

    public override TableGetter<Windowed<TKey>, TAggregate> CreateGetter() => new SessionTableGetter<TKey, TAggregate>(storeName);
}

/// <summary>A table whose changes are held back: its values are those that were let through.</summary>
internal sealed class SuppressedTable<TKey, TValue>(string bufferName, TableSource<TKey, TValue> parent) : TableSource<TKey, TValue>
{
    public override IReadOnlyCollection<string> GetterStores => [bufferName, .. parent.GetterStores];

    public override bool IsVersioned => false;

    public override bool EnableSendingOldValues(bool forceMaterialization) => parent.EnableSendingOldValues(forceMaterialization);

    public override TableGetter<TKey, TValue> CreateGetter() => new SuppressGetter<TKey, TValue>(bufferName, parent.CreateGetter());
}
