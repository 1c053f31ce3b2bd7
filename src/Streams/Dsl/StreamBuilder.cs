using Streams.Dsl;

namespace Streams;

/// <summary>Where a topology begins: declare streams and tables, transform them, then <see cref="Build"/>.</summary>
/// <remarks>
/// Nodes, stores and internal topics get the names that Kafka Streams gives them, in the order of the calls; name those you will want to find
/// again, for generated names shift when the topology changes.
/// </remarks>
public sealed class StreamBuilder
{
    private readonly DslGraph _graph = new();

    /// <summary>Sets the serde for every <typeparamref name="T"/> where none is given. Strings, bytes, numbers and Guids have one already.</summary>
    public StreamBuilder UseSerde<T>(ISerde<T> serde)
    {
        ArgumentNullException.ThrowIfNull(serde);
        _graph.Serdes.Use(serde);
        return this;
    }

    /// <summary>A stream of the records of <paramref name="topic"/>.</summary>
    public KStream<TKey, TValue> Stream<TKey, TValue>(string topic, Consumed<TKey, TValue>? consumed = null) => Stream([topic], consumed);

    /// <summary>A stream of the records of several topics.</summary>
    public KStream<TKey, TValue> Stream<TKey, TValue>(IReadOnlyCollection<string> topics, Consumed<TKey, TValue>? consumed = null)
    {
        ArgumentNullException.ThrowIfNull(topics);
        if (topics.Count == 0)
            throw new TopologyException("A stream needs at least one topic.");

        var name = _graph.Name(consumed?.Name, "KSTREAM-SOURCE-");
        var where = $"the source of '{string.Join(", ", topics)}'";
        var keySerde = _graph.Serdes.Find(consumed?.KeySerde, "keys", where, "Consumed.With");
        var valueSerde = _graph.Serdes.Find(consumed?.ValueSerde, "values", where, "Consumed.With");
        if (topics.Count == 1 && _graph.TryReuseSource<TKey, TValue>(topics.First(), out var existing))
            return new(_graph, existing, keySerde, valueSerde, keyChanged: false);

        foreach (var topic in topics)
            _graph.AddSource<TKey, TValue>(topic, name);
        _graph.Add(t => t.AddSource(name, keySerde, valueSerde, consumed?.TimestampExtractor, [.. topics]));
        return new(_graph, name, keySerde, valueSerde, keyChanged: false);
    }

    /// <summary>A table of the latest value of each key of <paramref name="topic"/>: a record without value deletes its key.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="consumed">How to read it.</param>
    /// <param name="materialized">Name the store to query it. Without, a store is kept only where something downstream needs one.</param>
    public KTable<TKey, TValue> Table<TKey, TValue>(
        string topic, Consumed<TKey, TValue>? consumed = null, Materialized<TKey, TValue>? materialized = null)
    {
        var storeName = materialized?.StoreName ?? _graph.NextStoreName($"{topic}-");
        var sourceName = _graph.Name(consumed?.Name is { } given ? $"{given}-source" : null, "KSTREAM-SOURCE-");
        var tableName = _graph.Name(consumed?.Name, "KTABLE-SOURCE-");
        var where = $"the table of '{topic}'";
        var keySerde = _graph.Serdes.Find(consumed?.KeySerde ?? materialized?.KeySerde, "keys", where, "Consumed.With");
        var valueSerde = _graph.Serdes.Find(consumed?.ValueSerde ?? materialized?.ValueSerde, "values", where, "Consumed.With");
        _graph.AddSource<TKey, TValue>(topic, sourceName);

        var table = new KTable<TKey, TValue>(_graph, tableName, storeName, keySerde, valueSerde, stored: materialized?.StoreName is not null);
        _graph.Add(t =>
        {
            t.AddSource(sourceName, keySerde, valueSerde, consumed?.TimestampExtractor, topic);
            table.WriteSource(t, sourceName, materialized);
        });
        return table;
    }

    /// <summary>Adds a store for the processors that name it.</summary>
    public StreamBuilder AddStateStore(StoreBuilder store)
    {
        ArgumentNullException.ThrowIfNull(store);
        _graph.Add(t => t.AddStateStore(store));
        return this;
    }

    /// <summary>The topology as declared so far.</summary>
    /// <exception cref="TopologyException">It cannot work; the message says what to do.</exception>
    public Topology Build()
    {
        var topology = _graph.Build();
        topology.Validate();
        return topology;
    }
}
