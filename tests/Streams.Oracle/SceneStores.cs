using Streams.TestKit;

namespace Streams.Oracle;

internal enum StoreKind
{
    KeyValue,
    Window,
    Session,
    Versioned,
}

/// <summary>The stores that a scenario can ask.</summary>
internal sealed class SceneStores
{
    private readonly OrderedDictionary<string, (StoreKind Kind, Func<TopologyTestDriver, string[], IEnumerable<string>> Ask)> _stores = [];

    public IEnumerable<(string Name, StoreKind Kind)> Kinds => _stores.Select(s => (s.Key, s.Value.Kind));

    public void AddKeyValue<TValue>(string name, Func<TopologyTestDriver, IKeyValueStore<string, TValue>> store) =>
        _stores[name] = (StoreKind.KeyValue, (driver, words) => StoreQueries.Ask(store(driver), words));

    public void AddWindow<TValue>(string name, Func<TopologyTestDriver, IWindowStore<string, TValue>> store) =>
        _stores[name] = (StoreKind.Window, (driver, words) => StoreQueries.Ask(store(driver), words));

    public void AddSession<TValue>(string name, Func<TopologyTestDriver, ISessionStore<string, TValue>> store) =>
        _stores[name] = (StoreKind.Session, (driver, words) => StoreQueries.Ask(store(driver), words));

    public void AddVersioned<TValue>(string name, Func<TopologyTestDriver, IVersionedKeyValueStore<string, TValue>> store) =>
        _stores[name] = (StoreKind.Versioned, (driver, words) => StoreQueries.Ask(store(driver), words));

    /// <summary>Answers <c>store NAME QUERY …</c>.</summary>
    public IEnumerable<string> Ask(TopologyTestDriver driver, string[] words) =>
        _stores.TryGetValue(words[1], out var store) ? store.Ask(driver, words) : throw new ScenarioException($"There is no store '{words[1]}'.");
}
