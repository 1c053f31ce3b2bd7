using Streams.Processing;
using Streams.State;

namespace Streams.Runtime;

/// <summary>One task's own nodes and stores, made from its subtopology.</summary>
internal sealed class TaskGraph
{
    private readonly List<Node> _nodes = [];
    private readonly List<(NodeDefinition Definition, ISourceNode Node)> _patterns = [];
    private readonly Dictionary<StoreEngine, TaskStorage?> _storages = [];

    public TaskGraph(Subtopology subtopology, InternalTopics topics, TaskContext context)
    {
        Context = context;
        foreach (var builder in InOrder(subtopology))
            Open(builder, subtopology, topics);

        var byName = new Dictionary<string, Node>();
        foreach (var definition in subtopology.Nodes)
        {
            var node = definition.Make(topics);
            byName.Add(definition.Name, node);
            _nodes.Add(node);
            foreach (var parent in definition.Parents)
                byName[parent].Link(node);
            if (node is ISourceNode source)
            {
                if (definition.SourcePattern is not null)
                    _patterns.Add((definition, source));
                foreach (var topic in topics.ReadBy(definition))
                    Sources.Add(topic, source);
            }
        }
    }

    public TaskContext Context { get; }

    /// <summary>Input topics, by their names in Kafka, and the node that reads each.</summary>
    public Dictionary<string, ISourceNode> Sources { get; } = [];

    // A list and no interface: it is walked at every commit, which a test driver makes after every record.
    public List<IStateStore> Stores { get; } = [];

    /// <summary>The source whose pattern matched a topic that came up after the start.</summary>
    public ISourceNode? SourceOf(NodeDefinition definition) => _patterns.Find(p => p.Definition == definition).Node;

    /// <summary>The stores that are restored, each with what from.</summary>
    public List<StorePast> Pasts { get; } = [];

    /// <summary>What the stores of each engine share, of those that share something.</summary>
    public List<TaskStorage> Storages { get; } = [];

    /// <summary>Opens the processors. After the stores are filled.</summary>
    public void Init()
    {
        foreach (var node in _nodes)
            node.Init(Context);
    }

    public void CloseNodes()
    {
        foreach (var node in _nodes)
            node.Close();
    }

    /// <summary>The stores in the order in which their caches and they themselves are flushed: as the nodes that use them come, as in Kafka Streams.</summary>
    private static IEnumerable<StoreBuilder> InOrder(Subtopology subtopology) =>
        subtopology.Stores.OrderBy(s =>
        {
            var first = subtopology.Nodes.Index().FirstOrDefault(n => n.Item.Stores.Contains(s.Name), (int.MaxValue, null!));
            return first.Index;
        });

    private void Open(StoreBuilder builder, Subtopology subtopology, InternalTopics topics)
    {
        var engine = builder.Engine ?? Context.State.DefaultStores;
        var store = builder.Make(engine);
        var changelog = builder.Logged ? new Changelog(topics.Changelog(builder.Name), Context) : null;
        var past = builder.SourceTopic is { } topic ? new Changelog(topics.Resolve(topic), Context) { IsInput = true } : changelog;
        var storage = builder.UsesEngine ? Storage(engine, subtopology) : null;
        if (past is not null && store is IRestorable restorable)
            Pasts.Add(new(restorable, past, storage));
        store.Init(new StateStoreContext(Context, changelog, storage, past));

        // In front of the store, so that nodes and queries find what waits in it; restoring goes past it.
        var front = builder.Cached && Context.State.CacheBytesMax > 0 ? builder.WrapInCache!(store, engine, Context) : store;
        Stores.Add(front);
        Context.AddStore(front);
    }

    private TaskStorage? Storage(StoreEngine engine, Subtopology subtopology)
    {
        if (_storages.TryGetValue(engine, out var storage))
            return storage;

        var names = subtopology.Stores.Where(s => s.UsesEngine && (s.Engine ?? Context.State.DefaultStores) == engine).Select(s => s.Name);
        storage = engine.OpenTask(new(Context.ApplicationId, Context.Task, Context.State.Directory, [.. names])
        {
            StartsAnew = Context.IsGlobal,
            StateLost = Context.State.StateLost,
        });
        _storages.Add(engine, storage);
        if (storage is not null)
            Storages.Add(storage);
        return storage;
    }
}
