using System.Text.RegularExpressions;
using Streams.Dsl;
using Streams.Processing;

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
        _graph.NoteTypes<TKey, TValue>(topics);
        string[] read = [.. topics.Distinct()];
        var node = _graph.Add(new(name, [], (t, _) => t.AddSource(name, keySerde, valueSerde, consumed?.TimestampExtractor, read)) { SourceTopics = read });
        return new(_graph, node, keySerde, valueSerde, keyChanged: false, SourceSet.Of(name));
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
        var source = new TopicTable<TKey, TValue>(storeName, materialized?.StoreName is not null, materialized?.HistoryRetention is not null);
        var node = _graph.Add(new(tableName, [], (t, _) =>
        {
            t.AddSource(sourceName, keySerde, valueSerde, consumed?.TimestampExtractor, topic);
            TableStep.Write(t, tableName, [sourceName], source, _graph.Serdes, keySerde, valueSerde, materialized, topic);
        })
        {
            IsVersioned = source.IsVersioned,
        });
        return new(_graph, node, source, keySerde, valueSerde, SourceSet.Of(sourceName), materialized?.StoreName);
    }

    /// <summary>
    /// A stream of the records of every topic whose whole name matches <paramref name="topics"/>: those that exist when the application starts, and those
    /// that come up later, within <see cref="StreamConfig.MetadataAgeMax"/>. The application's own topics and those of its global stores are not among them.
    /// </summary>
    public KStream<TKey, TValue> Stream<TKey, TValue>(Regex topics, Consumed<TKey, TValue>? consumed = null)
    {
        ArgumentNullException.ThrowIfNull(topics);
        var name = _graph.Name(consumed?.Name, "KSTREAM-SOURCE-");
        var where = $"the source of '{topics}'";
        var keySerde = _graph.Serdes.Find(consumed?.KeySerde, "keys", where, "Consumed.With");
        var valueSerde = _graph.Serdes.Find(consumed?.ValueSerde, "values", where, "Consumed.With");

        // Equal patterns are one source, as equal topics are; no topic is called like this.
        string[] pattern = [$"/{topics}/{topics.Options}"];
        _graph.NoteTypes<TKey, TValue>(pattern);
        var node = _graph.Add(new(name, [], (t, _) => t.AddSource(name, keySerde, valueSerde, topics, consumed?.TimestampExtractor)) { SourceTopics = pattern });
        return new(_graph, node, keySerde, valueSerde, keyChanged: false, SourceSet.Of(name));
    }

    /// <summary>
    /// A table that every instance has in full, whatever its partitions: for joins with streams by any key. It is filled before anything is
    /// processed.
    /// </summary>
    /// <param name="topic">The topic.</param>
    /// <param name="consumed">How to read it.</param>
    /// <param name="materialized">Name the store to query it.</param>
    public GlobalKTable<TKey, TValue> GlobalTable<TKey, TValue>(
        string topic, Consumed<TKey, TValue>? consumed = null, Materialized<TKey, TValue>? materialized = null)
    {
        if (materialized?.HistoryRetention is not null)
            throw new TopologyException($"The global table of '{topic}' cannot be versioned: leave out the history, or make it a KTable.");

        var storeName = materialized?.StoreName ?? _graph.NextStoreName($"{topic}-");
        var (sourceName, tableName) = GlobalNames(consumed?.Name);
        var where = $"the global table of '{topic}'";
        var keySerde = _graph.Serdes.Find(consumed?.KeySerde ?? materialized?.KeySerde, "keys", where, "Consumed.With");
        var valueSerde = _graph.Serdes.Find(consumed?.ValueSerde ?? materialized?.ValueSerde, "values", where, "Consumed.With");
        var store = TableStores.Of(storeName, keySerde, valueSerde, materialized).WithCachingDisabled();
        _graph.Add(new(tableName, [], (t, _) => t.AddGlobalNodes(
            store,
            sourceName,
            keySerde,
            valueSerde,
            consumed?.TimestampExtractor,
            topic,
            new(tableName, [sourceName], (_, _) => new TableSourceNode<TKey, TValue>(tableName, storeName, false)))));
        return new(storeName, materialized?.StoreName);
    }

    /// <summary>
    /// A store that every instance has in full: before anything is processed, all of <paramref name="topic"/> went through the processor, and what
    /// is written there later follows. Every processor may read it, by name, without being connected.
    /// </summary>
    /// <param name="store">The store; it has no changelog but the topic.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="supplier">Makes the processor that writes the store.</param>
    /// <param name="consumed">How to read the topic.</param>
    public StreamBuilder AddGlobalStore<TKey, TValue>(
        StoreBuilder store, string topic, Func<Processor<TKey, TValue>> supplier, Consumed<TKey, TValue>? consumed = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(supplier);
        var (sourceName, processorName) = GlobalNames(consumed?.Name);
        var where = $"the global store '{store.Name}'";
        var keySerde = _graph.Serdes.Find(consumed?.KeySerde, "keys", where, "Consumed.With");
        var valueSerde = _graph.Serdes.Find(consumed?.ValueSerde, "values", where, "Consumed.With");
        _graph.Add(new(store.Name, [], (t, _) => t.AddGlobalStore(
            store, sourceName, keySerde, valueSerde, consumed?.TimestampExtractor, topic, processorName, supplier)));
        return this;
    }

    private (string Source, string Processor) GlobalNames(string? given) =>
        (_graph.Name(given is null ? null : $"{given}-source", "KSTREAM-SOURCE-"), _graph.Name(given, "KTABLE-SOURCE-"));

    /// <summary>Adds a store for the processors that name it.</summary>
    public StreamBuilder AddStateStore(StoreBuilder store)
    {
        ArgumentNullException.ThrowIfNull(store);
        _graph.AddStateStore(store);
        return this;
    }

    /// <summary>The topology as declared. Call it once, at the end: optimising changes what was declared.</summary>
    /// <param name="optimization">What may be done to have fewer topics and stores. Default nothing.</param>
    /// <exception cref="TopologyException">It cannot work; the message says what to do.</exception>
    public Topology Build(TopologyOptimization optimization = TopologyOptimization.None)
    {
        var topology = _graph.Build(optimization);
        topology.Validate();
        return topology;
    }
}
