namespace Streams;

/// <summary>A part of a topology that hangs together, by records or by stores. Between parts lie repartition topics.</summary>
/// <param name="Id">Its number, from 0.</param>
/// <param name="Nodes">Its nodes, parents before children.</param>
/// <param name="Stores">Its stores.</param>
internal sealed record Subtopology(int Id, IReadOnlyList<NodeDefinition> Nodes, IReadOnlyList<StoreBuilder> Stores)
{
    /// <summary>A global store with its source and processor: no tasks, as every instance has all of it.</summary>
    public bool IsGlobal => Nodes.Any(n => n.IsGlobal);

    public IEnumerable<NodeDefinition> Sources => Nodes.Where(n => n.IsSource);

    /// <summary>What it reads, as declared; without what patterns match.</summary>
    public IEnumerable<string> SourceTopics => Nodes.SelectMany(n => n.SourceTopics);

    /// <summary>What it writes, as declared; sinks that choose by record are not among them.</summary>
    public IEnumerable<string> SinkTopics => Nodes.Select(n => n.SinkTopic).OfType<string>();

    /// <summary>
    /// Cuts a topology into its connected parts, numbered as Kafka Streams does: in the order in which their sources were added.
    /// </summary>
    public static IReadOnlyList<Subtopology> Of(Topology topology)
    {
        var groups = new DisjointSets();
        foreach (var node in topology.Nodes)
        {
            foreach (var parent in node.Parents)
                groups.Join(node.Name, parent);
            foreach (var store in node.Stores.Where(s => !topology.GlobalStores.ContainsKey(s)))
                groups.Join(node.Name, $"store:{store}");
        }

        var ids = new Dictionary<string, int>();
        foreach (var node in topology.Nodes.OrderByDescending(n => n.IsSource))
            ids.TryAdd(groups.Root(node.Name), ids.Count);

        return
        [
            .. topology.Nodes
                .GroupBy(n => ids[groups.Root(n.Name)])
                .OrderBy(g => g.Key)
                .Select(g => new Subtopology(
                    g.Key,
                    [.. g],
                    [.. topology.StateStores.Values.Concat(topology.GlobalStores.Values).Where(s => g.Any(n => n.Stores.Contains(s.Name)))])),
        ];
    }

    private sealed class DisjointSets
    {
        private readonly Dictionary<string, string> _parents = [];

        public string Root(string item)
        {
            while (_parents.TryGetValue(item, out var parent))
                item = parent;
            return item;
        }

        public void Join(string left, string right)
        {
            var (leftRoot, rightRoot) = (Root(left), Root(right));
            if (leftRoot != rightRoot)
                _parents[leftRoot] = rightRoot;
        }
    }
}
