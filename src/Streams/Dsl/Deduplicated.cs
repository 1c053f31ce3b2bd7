namespace Streams;

/// <summary>How <c>DropDuplicates</c> remembers what it has seen.</summary>
public sealed record Deduplicated<TId>
{
    /// <summary>The ids' serde; null for the type's default.</summary>
    public ISerde<TId>? IdSerde { get; init; }

    /// <summary>Names the node, and the repartition topic where one is needed; null for generated names.</summary>
    public string? Name { get; init; }

    /// <summary>Names the store and its changelog; null for a generated name.</summary>
    public string? StoreName { get; init; }

    /// <summary>
    /// How far behind the latest record's time an id is still remembered; null for twice the time within which duplicates are dropped. A record that
    /// comes later than that can neither be known as a duplicate nor be remembered: it passes.
    /// </summary>
    public TimeSpan? Retention { get; init; }

    /// <summary>Whether ids go to a changelog topic. Default true.</summary>
    public bool Logged { get; init; } = true;

    /// <summary>Where the store lives; null for <see cref="StreamConfig.DefaultStores"/>.</summary>
    public StoreEngine? Engine { get; init; }

    /// <summary>The same, with a serde for ids.</summary>
    public Deduplicated<TId> WithIdSerde(ISerde<TId> serde) => this with { IdSerde = serde };

    /// <summary>The same, with a name for the node.</summary>
    public Deduplicated<TId> WithName(string name) => this with { Name = name };

    /// <summary>The same, with a name for the store.</summary>
    public Deduplicated<TId> WithStoreName(string storeName) => this with { StoreName = storeName };

    /// <summary>The same, with ids remembered for <paramref name="retention"/>.</summary>
    public Deduplicated<TId> WithRetention(TimeSpan retention) => this with { Retention = retention };

    /// <summary>The same, without a changelog: after a restart or a move of its task, duplicates of what was seen before pass once more.</summary>
    public Deduplicated<TId> WithLoggingDisabled() => this with { Logged = false };

    /// <summary>The same, with the store on <paramref name="engine"/>.</summary>
    public Deduplicated<TId> WithStores(StoreEngine engine) => this with { Engine = engine };

    internal StoreBuilder Apply(StoreBuilder store)
    {
        if (Engine is { } engine)
            store = store.WithStores(engine);
        return Logged ? store : store.WithLoggingDisabled();
    }
}
