using System.Globalization;
using Streams.State;

namespace Streams;

/// <summary>Stores to add to a topology. In memory, logged to a changelog topic unless told otherwise.</summary>
public static class Stores
{
    // Kafka Streams' windowstore.changelog.additional.retention.ms: clocks may differ by this much before a changelog loses live windows.
    private static readonly TimeSpan AdditionalRetention = TimeSpan.FromDays(1);

    /// <summary>Values by key: an <see cref="IKeyValueStore{TKey, TValue}"/>.</summary>
    public static StoreBuilder KeyValue<TKey, TValue>(string name, ISerde<TKey> keySerde, ISerde<TValue> valueSerde) =>
        new(name, () => new InMemoryKeyValueStore<TKey, TValue>(name, keySerde, new PlainValue<TValue>(valueSerde)), logged: true, Compacted());

    /// <summary>Values by key with the time of their last change: an <see cref="ITimestampedKeyValueStore{TKey, TValue}"/>.</summary>
    public static StoreBuilder TimestampedKeyValue<TKey, TValue>(string name, ISerde<TKey> keySerde, ISerde<TValue> valueSerde) =>
        new(name, () => new InMemoryTimestampedKeyValueStore<TKey, TValue>(name, keySerde, valueSerde), logged: true, Compacted());

    /// <summary>Values by key and window start: an <see cref="IWindowStore{TKey, TValue}"/>.</summary>
    /// <param name="name">The store's name.</param>
    /// <param name="keySerde">The keys' serde.</param>
    /// <param name="valueSerde">The values' serde.</param>
    /// <param name="retention">How far a window's start may lie behind the latest before it is dropped.</param>
    /// <param name="windowSize">The windows' size, at most <paramref name="retention"/>.</param>
    public static StoreBuilder Window<TKey, TValue>(
        string name, ISerde<TKey> keySerde, ISerde<TValue> valueSerde, TimeSpan retention, TimeSpan windowSize)
    {
        var (retentionMs, sizeMs) = Checked(name, retention, windowSize);
        return new(
            name,
            () => new InMemoryWindowStore<TKey, TValue>(name, keySerde, new PlainValue<TValue>(valueSerde), retentionMs, sizeMs),
            logged: true,
            CompactedFor(retention));
    }

    /// <summary>As <see cref="Window"/>, with the time of each value's last change: an <see cref="ITimestampedWindowStore{TKey, TValue}"/>.</summary>
    /// <inheritdoc cref="Window"/>
    public static StoreBuilder TimestampedWindow<TKey, TValue>(
        string name, ISerde<TKey> keySerde, ISerde<TValue> valueSerde, TimeSpan retention, TimeSpan windowSize)
    {
        var (retentionMs, sizeMs) = Checked(name, retention, windowSize);
        return new(
            name,
            () => new InMemoryTimestampedWindowStore<TKey, TValue>(name, keySerde, valueSerde, retentionMs, sizeMs),
            logged: true,
            CompactedFor(retention));
    }

    /// <summary>A store of your own, without a changelog: durable by itself, or dispensable.</summary>
    /// <param name="name">The store's name; <see cref="IStateStore.Name"/> must return the same.</param>
    /// <param name="make">Makes one store for each task.</param>
    public static StoreBuilder Custom(string name, Func<IStateStore> make)
    {
        ArgumentNullException.ThrowIfNull(make);
        return new(name, make, logged: false);
    }

    private static Dictionary<string, string> Compacted() => new()
    {
        ["cleanup.policy"] = "compact",
        ["message.timestamp.type"] = "CreateTime",
    };

    private static Dictionary<string, string> CompactedFor(TimeSpan retention) => new()
    {
        ["cleanup.policy"] = "compact,delete",
        ["message.timestamp.type"] = "CreateTime",
        ["retention.ms"] = ((long)(retention + AdditionalRetention).TotalMilliseconds).ToString(CultureInfo.InvariantCulture),
    };

    private static (long Retention, long Size) Checked(string name, TimeSpan retention, TimeSpan windowSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(windowSize, TimeSpan.Zero);
        if (retention < windowSize)
            throw new TopologyException($"Store '{name}' would drop windows before they end: its retention ({retention}) is below the window size ({windowSize}).");
        return ((long)retention.TotalMilliseconds, (long)windowSize.TotalMilliseconds);
    }
}
