using Streams.Query;
using Streams.Runtime;

namespace Streams;

/// <summary>Which store to ask, and as what; made by <see cref="QueryableStore"/>.</summary>
public sealed class QueryableStore<TStore>
{
    private readonly Func<LocalStores, TStore> _view;

    internal QueryableStore(string name, Func<LocalStores, TStore> view)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Name = name;
        _view = view;
    }

    /// <summary>The store's name.</summary>
    public string Name { get; }

    internal TStore View(LocalStores stores) => _view(stores);
}

/// <summary>Which store to ask, and as what. A store that keeps times can be asked with or without them.</summary>
public static class QueryableStore
{
    /// <summary>Values by key.</summary>
    public static QueryableStore<IReadOnlyKeyValueStore<TKey, TValue>> KeyValue<TKey, TValue>(string name) =>
        new(name, stores => new CompositeKeyValueStore<TKey, TValue>(stores));

    /// <summary>Values by key, with the time of their last change.</summary>
    public static QueryableStore<IReadOnlyKeyValueStore<TKey, ValueAndTimestamp<TValue>>> TimestampedKeyValue<TKey, TValue>(string name) =>
        new(name, stores => new CompositeKeyValueStore<TKey, ValueAndTimestamp<TValue>>(stores));

    /// <summary>Values by key and window.</summary>
    public static QueryableStore<IReadOnlyWindowStore<TKey, TValue>> Window<TKey, TValue>(string name) =>
        new(name, stores => new CompositeWindowStore<TKey, TValue>(stores));

    /// <summary>Values by key and window, with the time of their last change.</summary>
    public static QueryableStore<IReadOnlyWindowStore<TKey, ValueAndTimestamp<TValue>>> TimestampedWindow<TKey, TValue>(string name) =>
        new(name, stores => new CompositeWindowStore<TKey, ValueAndTimestamp<TValue>>(stores));

    /// <summary>Aggregates by key and session.</summary>
    public static QueryableStore<IReadOnlySessionStore<TKey, TAggregate>> Session<TKey, TAggregate>(string name) =>
        new(name, stores => new CompositeSessionStore<TKey, TAggregate>(stores));

    /// <summary>Values by key and time, from a versioned store.</summary>
    public static QueryableStore<IReadOnlyVersionedKeyValueStore<TKey, TValue>> Versioned<TKey, TValue>(string name) =>
        new(name, stores => new CompositeVersionedStore<TKey, TValue>(stores));
}
