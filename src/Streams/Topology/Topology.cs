using System.Text.RegularExpressions;
using Streams.Processing;

namespace Streams;

/// <summary>
/// The graph of nodes and stores that an application runs: written by <see cref="StreamBuilder"/>, or by hand with these methods.
/// </summary>
public sealed class Topology
{
    private readonly Dictionary<string, NodeDefinition> _byName = [];
    private readonly List<NodeDefinition> _nodes = [];
    private readonly Dictionary<string, StoreBuilder> _stores = [];
    private readonly Dictionary<string, StoreBuilder> _globalStores = [];
    private readonly Dictionary<string, int?> _internalTopics = [];
    private readonly List<IReadOnlyList<string>> _copartitioned = [];
    private readonly Dictionary<string, string> _readBy = [];

    internal IReadOnlyList<NodeDefinition> Nodes => _nodes;

    internal IReadOnlyDictionary<string, StoreBuilder> StateStores => _stores;

    /// <summary>Repartition topics, by their names without the application's id, with the number of partitions where one was asked for.</summary>
    internal IReadOnlyDictionary<string, int?> InternalTopics => _internalTopics;

    /// <summary>Stores that every instance has in full, each fed by a source and a processor of its own.</summary>
    internal IReadOnlyDictionary<string, StoreBuilder> GlobalStores => _globalStores;

    /// <summary>Groups of sources whose topics must have as many partitions as each other.</summary>
    internal IReadOnlyList<IReadOnlyList<string>> Copartitioned => _copartitioned;

    /// <summary>What steps that write themselves here may do to save topics.</summary>
    internal TopologyOptimization Optimization { get; init; }

    /// <summary>Adds a source that reads topics.</summary>
    public Topology AddSource<TKey, TValue>(string name, ISerde<TKey> keySerde, ISerde<TValue> valueSerde, params string[] topics) =>
        AddSource(name, keySerde, valueSerde, null, topics);

    /// <summary>Adds a source that reads topics and takes the records' time from their content.</summary>
    public Topology AddSource<TKey, TValue>(
        string name, ISerde<TKey> keySerde, ISerde<TValue> valueSerde, TimestampExtractor<TKey, TValue>? extractor, params string[] topics)
    {
        ArgumentNullException.ThrowIfNull(keySerde);
        ArgumentNullException.ThrowIfNull(valueSerde);
        if (topics is null || topics.Length == 0)
            throw new TopologyException($"Source '{name}' needs at least one topic.");
        foreach (var topic in topics)
            Read(topic, name);
        return Add(new(name, [], (_, _) => new SourceNode<TKey, TValue>(name, keySerde, valueSerde, extractor)) { SourceTopics = topics });
    }

    /// <summary>
    /// Adds a source that reads every topic whose whole name matches <paramref name="topics"/>: those that exist when the application starts, and those
    /// that come up later, within <see cref="StreamConfig.MetadataAgeMax"/>.
    /// </summary>
    public Topology AddSource<TKey, TValue>(
        string name, ISerde<TKey> keySerde, ISerde<TValue> valueSerde, Regex topics, TimestampExtractor<TKey, TValue>? extractor = null)
    {
        ArgumentNullException.ThrowIfNull(keySerde);
        ArgumentNullException.ThrowIfNull(valueSerde);
        ArgumentNullException.ThrowIfNull(topics);
        return Add(new(name, [], (_, _) => new SourceNode<TKey, TValue>(name, keySerde, valueSerde, extractor)) { SourcePattern = topics });
    }

    /// <summary>
    /// Adds a store that every instance has in full: before anything is processed, all of <paramref name="topic"/> went through the processor, and
    /// what is written there later follows. Every processor may read it, by name, without being connected.
    /// </summary>
    /// <param name="store">The store; it has no changelog but the topic.</param>
    /// <param name="sourceName">The source node's name.</param>
    /// <param name="keySerde">The keys' serde.</param>
    /// <param name="valueSerde">The values' serde.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="processorName">The processor node's name.</param>
    /// <param name="supplier">Makes the processor that writes the store. It forwards to nobody.</param>
    public Topology AddGlobalStore<TKey, TValue>(
        StoreBuilder store,
        string sourceName,
        ISerde<TKey> keySerde,
        ISerde<TValue> valueSerde,
        string topic,
        string processorName,
        Func<Processor<TKey, TValue>> supplier) =>
        AddGlobalStore(store, sourceName, keySerde, valueSerde, null, topic, processorName, supplier);

    /// <summary>Adds a processor behind <paramref name="parents"/>.</summary>
    /// <param name="name">The node's name.</param>
    /// <param name="supplier">Makes a new processor for each task.</param>
    /// <param name="parents">The nodes whose records it gets.</param>
    public Topology AddProcessor<TKeyIn, TValueIn, TKeyOut, TValueOut>(
        string name, Func<Processor<TKeyIn, TValueIn, TKeyOut, TValueOut>> supplier, params string[] parents) =>
        Add(Hosting(name, parents, supplier));

    /// <summary>Adds a sink that writes what <paramref name="parents"/> send to <paramref name="topic"/>.</summary>
    public Topology AddSink<TKey, TValue>(string name, string topic, ISerde<TKey> keySerde, ISerde<TValue> valueSerde, params string[] parents)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(topic);
        return AddSink(name, topic, null, keySerde, valueSerde, null, parents);
    }

    /// <summary>Adds a sink that writes what <paramref name="parents"/> send to <paramref name="topic"/>, in partitions of its own choice.</summary>
    public Topology AddSink<TKey, TValue>(
        string name,
        string topic,
        ISerde<TKey> keySerde,
        ISerde<TValue> valueSerde,
        StreamPartitioner<TKey, TValue> partitioner,
        params string[] parents)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(topic);
        ArgumentNullException.ThrowIfNull(partitioner);
        return AddSink(name, topic, null, keySerde, valueSerde, partitioner, parents);
    }

    /// <summary>Adds a sink that writes each record that <paramref name="parents"/> send to the topic that <paramref name="topic"/> names for it.</summary>
    /// <param name="name">The node's name.</param>
    /// <param name="topic">Names a record's topic, which must exist.</param>
    /// <param name="keySerde">The keys' serde.</param>
    /// <param name="valueSerde">The values' serde.</param>
    /// <param name="partitioner">Chooses partitions; null for murmur2 of the key, as Kafka's Java client does.</param>
    /// <param name="parents">The nodes whose records it gets.</param>
    public Topology AddSink<TKey, TValue>(
        string name,
        Func<TKey, TValue, RecordContext, string> topic,
        ISerde<TKey> keySerde,
        ISerde<TValue> valueSerde,
        StreamPartitioner<TKey, TValue>? partitioner,
        params string[] parents)
    {
        ArgumentNullException.ThrowIfNull(topic);
        return AddSink(name, null, topic, keySerde, valueSerde, partitioner, parents);
    }

    /// <summary>Adds a store and connects it to <paramref name="processors"/>.</summary>
    public Topology AddStateStore(StoreBuilder store, params string[] processors)
    {
        ArgumentNullException.ThrowIfNull(store);
        if ((_stores.TryGetValue(store.Name, out var existing) && existing != store) || _globalStores.ContainsKey(store.Name))
            throw new TopologyException($"There are two stores called '{store.Name}'. Give one of them another name.");

        _stores[store.Name] = store;
        foreach (var processor in processors)
            ConnectProcessorAndStateStores(processor, store.Name);
        return this;
    }

    /// <summary>
    /// Adds a store that a processor fills from a topic of its own: each task's store holds its partition of it, and has no changelog, for the topic is one.
    /// Other processors connect to the store to read it (KIP-813).
    /// </summary>
    /// <remarks>A lost store is restored from the topic's records as they are, past the processor: it should put each record as it comes.</remarks>
    /// <param name="store">The store.</param>
    /// <param name="sourceName">The source node's name.</param>
    /// <param name="keySerde">The keys' serde.</param>
    /// <param name="valueSerde">The values' serde.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="processorName">The processor node's name.</param>
    /// <param name="supplier">Makes the processor that writes the store.</param>
    public Topology AddReadOnlyStateStore<TKey, TValue>(
        StoreBuilder store,
        string sourceName,
        ISerde<TKey> keySerde,
        ISerde<TValue> valueSerde,
        string topic,
        string processorName,
        Func<Processor<TKey, TValue>> supplier)
    {
        ArgumentNullException.ThrowIfNull(store);
        return AddSource(sourceName, keySerde, valueSerde, topic)
            .AddProcessor(processorName, supplier, sourceName)
            .AddStateStore(store.RestoredFrom(topic), processorName);
    }

    /// <summary>Lets a processor use stores, which may be added later.</summary>
    public Topology ConnectProcessorAndStateStores(string processor, params string[] stores)
    {
        if (!_byName.TryGetValue(processor, out var node))
            throw new TopologyException($"There is no processor '{processor}' to connect to {string.Join(", ", stores)}. Add it first.");
        if (node.IsSource || node.IsSink)
            throw new TopologyException($"'{processor}' is a source or a sink; only processors use stores.");

        node.Stores.UnionWith(stores);
        return this;
    }

    /// <summary>The subtopologies with their nodes, as Kafka Streams describes them.</summary>
    public string Describe() => TopologyDescription.Of(this);

    internal Topology AddGlobalStore<TKey, TValue>(
        StoreBuilder store,
        string sourceName,
        ISerde<TKey> keySerde,
        ISerde<TValue> valueSerde,
        TimestampExtractor<TKey, TValue>? extractor,
        string topic,
        string processorName,
        Func<Processor<TKey, TValue>> supplier) =>
        AddGlobalNodes(store, sourceName, keySerde, valueSerde, extractor, topic, Hosting(processorName, [sourceName], supplier));

    internal Topology AddGlobalNodes<TKey, TValue>(
        StoreBuilder store,
        string sourceName,
        ISerde<TKey> keySerde,
        ISerde<TValue> valueSerde,
        TimestampExtractor<TKey, TValue>? extractor,
        string topic,
        NodeDefinition processor)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(keySerde);
        ArgumentNullException.ThrowIfNull(valueSerde);
        ArgumentException.ThrowIfNullOrWhiteSpace(topic);
        if (_stores.ContainsKey(store.Name) || !_globalStores.TryAdd(store.Name, store.WithLoggingDisabled().WithCachingDisabled()))
            throw new TopologyException($"There are two stores called '{store.Name}'. Give one of them another name.");

        Read(topic, sourceName);
        Add(new(sourceName, [], (_, _) => new SourceNode<TKey, TValue>(sourceName, keySerde, valueSerde, extractor)) { SourceTopics = [topic], IsGlobal = true });
        processor.Stores.Add(store.Name);
        return Add(processor);
    }

    internal Topology AddNode(string name, IReadOnlyList<string> parents, Func<Node> make) => Add(new(name, parents, (_, _) => make()));

    internal Topology AddSink<TKey, TValue>(
        string name,
        string? topic,
        Func<TKey, TValue, RecordContext, string>? chooseTopic,
        ISerde<TKey> keySerde,
        ISerde<TValue> valueSerde,
        StreamPartitioner<TKey, TValue>? partitioner,
        params string[] parents)
    {
        ArgumentNullException.ThrowIfNull(keySerde);
        ArgumentNullException.ThrowIfNull(valueSerde);
        return Add(new(name, parents, (topics, _) => new SinkNode<TKey, TValue>(
            name, topic is null ? null : topics.Resolve(topic), chooseTopic, keySerde, valueSerde, partitioner))
        {
            IsSink = true,
            SinkTopic = topic,
            TopicChooser = Shown(chooseTopic),
        });
    }

    internal void AddInternalTopic(string topic, int? partitions = null) => _internalTopics[topic] = partitions;

    internal void AddCopartitioned(IReadOnlyList<string> sources) => _copartitioned.Add(sources);

    /// <exception cref="TopologyException">The topology cannot work.</exception>
    internal void Validate()
    {
        foreach (var node in _nodes)
        {
            foreach (var store in node.Stores)
            {
                if (_globalStores.ContainsKey(store))
                {
                    if (!Array.Exists([.. node.Parents], p => _byName[p].IsGlobal))
                        throw new TopologyException($"'{node.Name}' names the global store '{store}', which every processor may read without naming it. Leave it out.");
                }
                else if (!_stores.ContainsKey(store))
                    throw new TopologyException($"'{node.Name}' uses a store '{store}' that was not added. Add it with AddStateStore.");
            }
        }

        if (!_nodes.Exists(n => n.IsSource))
            throw new TopologyException("The topology reads nothing. Start with StreamBuilder.Stream, StreamBuilder.Table or Topology.AddSource.");
    }

    private Topology Add(NodeDefinition node)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(node.Name);
        if (_byName.ContainsKey(node.Name))
            throw new TopologyException($"There are two nodes called '{node.Name}'. Give one of them another name.");
        if (node.Parents.Count == 0 && !node.IsSource)
            throw new TopologyException($"'{node.Name}' has no parent: nothing would ever reach it. Name the nodes whose records it gets.");
        foreach (var parent in node.Parents)
        {
            if (!_byName.TryGetValue(parent, out var definition))
                throw new TopologyException($"'{node.Name}' names a parent '{parent}' that was not added before it.");
            if (definition.Parents.Any(p => _byName[p].IsGlobal))
                throw new TopologyException($"'{node.Name}' cannot follow '{parent}', which fills a global store and passes nothing on. Read the store, or the topic with a source of its own.");
            if (definition.IsSink)
                throw new TopologyException($"'{node.Name}' cannot follow '{parent}', which is a sink. Read the sink's topic with a source instead.");
        }

        _byName.Add(node.Name, node);
        _nodes.Add(node);
        return this;
    }

    private static NodeDefinition Hosting<TKeyIn, TValueIn, TKeyOut, TValueOut>(
        string name, IReadOnlyList<string> parents, Func<Processor<TKeyIn, TValueIn, TKeyOut, TValueOut>> supplier)
    {
        ArgumentNullException.ThrowIfNull(supplier);
        return new(name, parents, (_, stores) => new ProcessorNode<TKeyIn, TValueIn, TKeyOut, TValueOut>(
            name,
            supplier() ?? throw new TopologyException($"The supplier of processor '{name}' returned null; it must make a new processor at each call."),
            stores));
    }

    private void Read(string topic, string name)
    {
        if (!_readBy.TryAdd(topic, name))
            throw new TopologyException($"Topic '{topic}' is read by '{_readBy[topic]}' and by '{name}'. Read it once and use that stream or table twice.");
    }

    /// <summary>A method of an object of the user's shows as that object; a lambda has nothing to show.</summary>
    private static string? Shown(Delegate? chooser) =>
        chooser?.Target is { } target && !target.GetType().IsDefined(typeof(System.Runtime.CompilerServices.CompilerGeneratedAttribute), inherit: false)
            ? target.ToString()
            : "a function";
}
