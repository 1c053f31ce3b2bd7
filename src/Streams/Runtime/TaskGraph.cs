using Streams.Processing;
using Streams.State;

namespace Streams.Runtime;

/// <summary>One task's own nodes and stores, made from its subtopology.</summary>
internal sealed class TaskGraph
{
    private readonly List<Node> _nodes = [];
    private readonly List<IStateStore> _stores = [];

    public TaskGraph(Subtopology subtopology, InternalTopics topics, TaskContext context)
    {
        Context = context;
        foreach (var builder in subtopology.Stores)
        {
            var store = builder.Make();
            _stores.Add(store);
            context.AddStore(store);
            var changelog = builder.Logged ? new Changelog(topics.Changelog(builder.Name), context) : null;
            if (changelog is not null && store is IRestorable restorable)
                Changelogs.Add((restorable, changelog));
            store.Init(new StateStoreContext(context, changelog));
        }

        var byName = new Dictionary<string, Node>();
        foreach (var definition in subtopology.Nodes)
        {
            var node = definition.Make(topics);
            byName.Add(definition.Name, node);
            _nodes.Add(node);
            foreach (var parent in definition.Parents)
                byName[parent].Link(node);
            foreach (var topic in definition.SourceTopics)
                Sources.Add(topics.Resolve(topic), (ISourceNode)node);
        }
    }

    public TaskContext Context { get; }

    /// <summary>Input topics, by their names in Kafka, and the node that reads each.</summary>
    public Dictionary<string, ISourceNode> Sources { get; } = [];

    public IReadOnlyList<IStateStore> Stores => _stores;

    public List<(IRestorable Store, Changelog Changelog)> Changelogs { get; } = [];

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
}
