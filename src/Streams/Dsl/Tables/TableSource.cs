using Streams.Processing;

namespace Streams.Dsl;

/// <summary>
/// Where a table's values come from: what later operators may ask of it while the topology is declared. What they ask for decides whether the table
/// keeps a store and sends old values, so the nodes are written only when everything is declared.
/// </summary>
internal abstract class TableSource<TKey, TValue>
{
    /// <summary>Whether something downstream asked for old values, and will get them.</summary>
    public bool SendsOldValues { get; protected set; }

    /// <summary>The stores that a getter reads: connect them to the node that uses it. Asking makes a table that kept no store so far keep one.</summary>
    public abstract IReadOnlyCollection<string> GetterStores { get; }

    /// <summary>Whether the table's latest value is that of the greatest timestamp, not of the greatest offset (KIP-914).</summary>
    public abstract bool IsVersioned { get; }

    /// <summary>Asks for changes with old values.</summary>
    /// <param name="forceMaterialization">Whether a table without store shall keep one for it.</param>
    /// <returns>Whether old values will be there.</returns>
    public abstract bool EnableSendingOldValues(bool forceMaterialization);

    /// <summary>A way to read the table by key: one for each node and task. Ask for <see cref="GetterStores"/> before the topology is written.</summary>
    public abstract TableGetter<TKey, TValue> CreateGetter();
}

/// <summary>A table that is read from a topic, or made of a stream's records: keeps a store when it was named or something needs it.</summary>
internal sealed class TopicTable<TKey, TValue>(string storeName, bool stored, bool versioned) : TableSource<TKey, TValue>
{
    private bool _stored = stored;

    /// <summary>The store's name; null as long as the table keeps none.</summary>
    public string? StoreName => _stored ? storeName : null;

    public override IReadOnlyCollection<string> GetterStores
    {
        get
        {
            _stored = true;
            return [storeName];
        }
    }

    public override bool IsVersioned => versioned;

    public override bool EnableSendingOldValues(bool forceMaterialization)
    {
        if (!forceMaterialization && !_stored)
            return false;

        _stored = true;
        SendsOldValues = true;
        return true;
    }

    public override TableGetter<TKey, TValue> CreateGetter() => new TableStoreGetter<TKey, TValue>(storeName);
}

/// <summary>A table that always keeps a timestamped or versioned key-value store: an aggregation's result.</summary>
internal sealed class StoredTable<TKey, TValue>(string storeName, bool versioned) : TableSource<TKey, TValue>
{
    public override IReadOnlyCollection<string> GetterStores { get; } = [storeName];

    public override bool IsVersioned => versioned;

    public override bool EnableSendingOldValues(bool forceMaterialization) => SendsOldValues = true;

    public override TableGetter<TKey, TValue> CreateGetter() => new TableStoreGetter<TKey, TValue>(storeName);
}

/// <summary>A table that is worked out from another one: keeps a store where one was named, and leans on its parent's otherwise.</summary>
/// <param name="parent">The table that this one is worked out from.</param>
/// <param name="storeName">Its own store; null for none.</param>
/// <param name="versioned">Whether it is versioned; null where its parent decides.</param>
/// <param name="view">Makes a getter of the parent's, where there is no store.</param>
/// <param name="viewStores">What such a getter reads besides the parent's stores.</param>
internal sealed class DerivedTable<TKey, TParent, TValue>(
    TableSource<TKey, TParent> parent,
    string? storeName,
    bool? versioned,
    Func<TableGetter<TKey, TParent>, TableGetter<TKey, TValue>> view,
    IReadOnlyCollection<string> viewStores)
    : TableSource<TKey, TValue>
{
    public override IReadOnlyCollection<string> GetterStores => storeName is null ? [.. parent.GetterStores, .. viewStores] : [storeName];

    public override bool IsVersioned => versioned ?? parent.IsVersioned;

    /// <summary>Asks the parent, unless this table has a store that knows its old values.</summary>
    public override bool EnableSendingOldValues(bool forceMaterialization)
    {
        if (storeName is not null || parent.EnableSendingOldValues(forceMaterialization))
            SendsOldValues = true;
        return SendsOldValues;
    }

    /// <summary>Asks for old values only where the parent keeps a store anyway.</summary>
    public void TakeOldValuesIfKnown() => SendsOldValues |= parent.EnableSendingOldValues(forceMaterialization: false);

    public override TableGetter<TKey, TValue> CreateGetter() =>
        storeName is null ? view(parent.CreateGetter()) : new TableStoreGetter<TKey, TValue>(storeName);
}

/// <summary>The result of a table-table join.</summary>
internal sealed class JoinedTable<TKey, TLeft, TRight, TValue>(
    TableSource<TKey, TLeft> left,
    TableSource<TKey, TRight> right,
    string? storeName,
    bool versioned,
    Func<TLeft, TRight, TValue> joiner,
    JoinSides sides)
    : TableSource<TKey, TValue>
{
    public override IReadOnlyCollection<string> GetterStores =>
        storeName is null ? [.. left.GetterStores.Union(right.GetterStores)] : [storeName];

    public override bool IsVersioned => versioned;

    public override bool EnableSendingOldValues(bool forceMaterialization)
    {
        // The result's old value is joined of both sides' old values, so both must know theirs.
        left.EnableSendingOldValues(forceMaterialization: true);
        right.EnableSendingOldValues(forceMaterialization: true);
        return SendsOldValues = true;
    }

    public override TableGetter<TKey, TValue> CreateGetter() =>
        storeName is null
            ? new TableJoinGetter<TKey, TLeft, TRight, TValue>(left.CreateGetter(), right.CreateGetter(), joiner, sides)
            : new TableStoreGetter<TKey, TValue>(storeName);
}
