using System.Globalization;
using Streams.Processing;
using Streams.Runtime;
using Streams.State;

namespace Streams;

/// <summary>Describes a store: each task makes its own from it.</summary>
public sealed class StoreBuilder
{
    private readonly Func<StoreEngine, IStateStore> _make;

    internal StoreBuilder(string name, Func<StoreEngine, IStateStore> make)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Name = name;
        _make = make;
    }

    private StoreBuilder(StoreBuilder other)
    {
        (Name, _make, Logged, ChangelogSettings) = (other.Name, other._make, other.Logged, other.ChangelogSettings);
        (Cached, Engine, UsesEngine, WrapInCache, ReadOnly) = (other.Cached, other.Engine, other.UsesEngine, other.WrapInCache, other.ReadOnly);
        (SourceTopic, ChangelogRetentionMs) = (other.SourceTopic, other.ChangelogRetentionMs);
    }

    /// <summary>The store's name, unique in its topology.</summary>
    public string Name { get; }

    /// <summary>Whether changes go to a changelog topic, from which a lost store is restored.</summary>
    public bool Logged { get; internal init; } = true;

    /// <summary>
    /// Kafka's topic settings for the changelog, by their own names. Where there is no <c>retention.ms</c>, a changelog of windows or sessions gets the
    /// store's retention and <see cref="StreamConfig.WindowChangelogAdditionalRetention"/>.
    /// </summary>
    public IReadOnlyDictionary<string, string> ChangelogSettings { get; internal init; } = new Dictionary<string, string>();

    /// <summary>Whether changes wait in the record cache, those of one key as one. Default false, as in Kafka Streams' <c>StoreBuilder</c>.</summary>
    public bool Cached { get; private init; }

    /// <summary>The input topic that a lost store is restored from where it has no changelog, by its name in the topology; null for none.</summary>
    internal string? SourceTopic { get; private init; }

    /// <summary>How long the changelog must keep a row, in milliseconds of the records' time; null where it deletes none.</summary>
    internal long? ChangelogRetentionMs { get; init; }

    /// <summary>Where the store lives; null for <see cref="StreamConfig.DefaultStores"/>.</summary>
    internal StoreEngine? Engine { get; private init; }

    /// <summary>False of stores that are what they are, whatever the engine.</summary>
    internal bool UsesEngine { get; init; } = true;

    /// <summary>Puts a cache in front of a store of this kind; null where the kind has none.</summary>
    internal Func<IStateStore, StoreEngine, TaskContext, IStateStore>? WrapInCache { get; init; }

    /// <summary>What tasks see of a store of this kind where it is global; null of stores of the user's own, which look after themselves.</summary>
    internal Func<IStateStore, StateGate, IStateStore>? ReadOnly { get; init; }

    /// <summary>The same store without a changelog: what it holds is gone when its task moves or restarts.</summary>
    public StoreBuilder WithLoggingDisabled() => new(this) { Logged = false, ChangelogSettings = new Dictionary<string, string>() };

    /// <summary>The same store with these settings for its changelog topic, on top of the engine's own.</summary>
    public StoreBuilder WithLoggingEnabled(IReadOnlyDictionary<string, string> changelogSettings)
    {
        ArgumentNullException.ThrowIfNull(changelogSettings);
        var merged = new Dictionary<string, string>(ChangelogSettings);
        foreach (var (setting, value) in changelogSettings)
            merged[setting] = value;
        return new(this) { Logged = true, ChangelogSettings = merged };
    }

    /// <summary>
    /// The same store behind the record cache: of the changes of a key between two commits only the last reaches store, changelog and tables behind it.
    /// A store of duplicates or of versions, where each change counts, has no cache.
    /// </summary>
    public StoreBuilder WithCachingEnabled() => new(this) { Cached = WrapInCache is not null };

    /// <summary>The same store without a cache: each change is written and sent on at once.</summary>
    public StoreBuilder WithCachingDisabled() => new(this) { Cached = false };

    /// <summary>The same store on <paramref name="engine"/>.</summary>
    public StoreBuilder WithStores(StoreEngine engine)
    {
        ArgumentNullException.ThrowIfNull(engine);
        return new(this) { Engine = engine };
    }

    /// <summary>The same store without a changelog: the topic that its table is read from, unchanged, holds the same.</summary>
    internal StoreBuilder RestoredFrom(string sourceTopic) => new(WithLoggingDisabled()) { SourceTopic = sourceTopic };

    internal IStateStore Make(StoreEngine engine) => _make(engine);

    /// <summary>All settings of the changelog topic, in an application with these settings.</summary>
    internal IReadOnlyDictionary<string, string> ChangelogSettingsIn(StreamConfig config)
    {
        if (ChangelogRetentionMs is not { } retention || ChangelogSettings.ContainsKey("retention.ms"))
            return ChangelogSettings;

        // Windows without an end are kept for good.
        var additional = (long)config.WindowChangelogAdditionalRetention.TotalMilliseconds;
        var sum = retention > long.MaxValue - additional ? long.MaxValue : retention + additional;
        return new Dictionary<string, string>(ChangelogSettings) { ["retention.ms"] = sum.ToString(CultureInfo.InvariantCulture) };
    }
}
