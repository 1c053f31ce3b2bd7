namespace Streams;

/// <summary>Describes a store: each task makes its own from it.</summary>
public sealed class StoreBuilder
{
    private readonly Func<IStateStore> _make;

    internal StoreBuilder(string name, Func<IStateStore> make, bool logged, IReadOnlyDictionary<string, string>? changelogSettings = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Name = name;
        _make = make;
        Logged = logged;
        ChangelogSettings = changelogSettings ?? new Dictionary<string, string>();
    }

    /// <summary>The store's name, unique in its topology.</summary>
    public string Name { get; }

    /// <summary>Whether changes go to a changelog topic, from which a lost store is restored.</summary>
    public bool Logged { get; }

    /// <summary>Kafka's topic settings for the changelog, by their own names.</summary>
    public IReadOnlyDictionary<string, string> ChangelogSettings { get; }

    /// <summary>The same store without a changelog: what it holds is gone when its task moves or restarts.</summary>
    public StoreBuilder WithLoggingDisabled() => new(Name, _make, logged: false);

    /// <summary>The same store with these settings for its changelog topic, on top of the engine's own.</summary>
    public StoreBuilder WithLoggingEnabled(IReadOnlyDictionary<string, string> changelogSettings)
    {
        var merged = new Dictionary<string, string>(ChangelogSettings);
        foreach (var (setting, value) in changelogSettings)
            merged[setting] = value;
        return new(Name, _make, logged: true, merged);
    }

    internal IStateStore Make() => _make();
}
