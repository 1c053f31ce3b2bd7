namespace Streams.Dsl;

/// <summary>
/// Rewrites declared steps so that they need fewer topics and stores. What is rewritten, in which order, and the names that come of it are Kafka
/// Streams', as descriptions show them.
/// </summary>
internal sealed class GraphOptimizer(DslGraph graph)
{
    // Each step that changes keys, with the repartition topics below it that nothing but this step makes necessary.
    private readonly OrderedDictionary<GraphNode, List<GraphNode>> _repartitions = [];
    private readonly List<GraphNode> _merges = [];

    /// <summary>Hears of each step as it is declared.</summary>
    public void Note(GraphNode node)
    {
        if (node.ChangesKey)
            _repartitions.TryAdd(node, []);
        else if (node.Repartition is { Mergeable: true })
        {
            if (KeyChangerOf(node) is { } changer && !_repartitions[changer].Contains(node))
                _repartitions[changer].Add(node);
        }
        else if (node.IsMerge && !_merges.Contains(node))
            _merges.Add(node);
    }

    /// <summary>Where a step changes keys and several topics carry its records on, one topic right behind it serves all.</summary>
    public void MergeRepartitions()
    {
        MoveBehindMerges();
        foreach (var (changer, below) in _repartitions.ToList())
        {
            var repartitions = below.FindAll(r => IsAlone(r, changer));
            if (repartitions.Count > 0)
                Replace(changer, repartitions);
        }

        _repartitions.Clear();
    }

    /// <summary>A join whose two sides are one stream keeps that stream's records once.</summary>
    public static void JoinSidesOnOneStore(IEnumerable<GraphNode> roots)
    {
        var visited = new HashSet<GraphNode>();
        var waiting = new Stack<GraphNode>(roots);
        while (waiting.TryPop(out var node))
        {
            if (!visited.Add(node))
                continue;

            if (node is { BecomeSelfJoin: { } become, Parents: [var stream] })
                stream.RemoveChild(become());
            foreach (var child in node.Children)
                waiting.Push(child);
        }
    }

    /// <summary>
    /// The step that makes a repartition topic necessary; null where another step changes values in between, as the topic cannot move before it: what it
    /// would carry there is of another type.
    /// </summary>
    private static GraphNode? KeyChangerOf(GraphNode repartition)
    {
        var changer = FirstAbove(repartition, n => n.ChangesKey || n.ChangesValue);
        return changer?.ChangesKey == true ? changer : null;
    }

    /// <summary>
    /// Whether nothing but what comes from <paramref name="changer"/> goes through a repartition topic. Where another stream is merged in before, the topic
    /// stays: moved up, it would leave the other stream's records where they are. (Kafka Streams moves it, or fails.)
    /// </summary>
    private static bool IsAlone(GraphNode repartition, GraphNode changer)
    {
        for (var node = repartition; ; node = node.Parents[0])
        {
            if (node.Parents.Count != 1)
                return false;
            if (node.Parents[0] == changer)
                return true;
        }
    }

    /// <summary>Streams with changed keys that are merged, and need a topic only then, get it behind the merge.</summary>
    private void MoveBehindMerges()
    {
        var behind = new List<(GraphNode Merge, List<GraphNode> Changers)>();
        foreach (var merge in _merges)
        {
            behind.Add((merge, [.. _repartitions
                .Where(r => r.Value.TrueForAll(n => FirstAbove(n, a => a.Parents.Contains(merge)) is not null))
                .Where(r => FirstAbove(merge, a => a.Parents.Contains(r.Key)) is not null)
                .Select(r => r.Key)]));
        }

        foreach (var (merge, changers) in behind)
            _repartitions[merge] = [.. changers.SelectMany(c => _repartitions[c]).Distinct()];
        foreach (var changer in behind.SelectMany(b => b.Changers))
            _repartitions.Remove(changer);
    }

    private void Replace(GraphNode changer, List<GraphNode> repartitions)
    {
        // It has the name of the first, and is written as soon as the step before it.
        var one = repartitions[0].Repartition!.Again(graph, []);
        one.Priority = changer.Priority;
        foreach (var repartition in repartitions)
        {
            var first = FirstAbove(repartition, n => n.Parents.Contains(changer))
                ?? throw new InvalidOperationException($"'{repartition.Name}' is not below '{changer.Name}'.");
            one.AddChild(first);
            changer.RemoveChild(first);

            var parents = repartition.Parents.ToList();
            foreach (var child in repartition.Children.ToList())
            {
                foreach (var parent in parents)
                    parent.AddChild(child);
                repartition.RemoveChild(child);
            }

            foreach (var parent in parents)
                parent.RemoveChild(repartition);
            graph.ReplaceSource(repartition.Name, one.Name);
        }

        changer.AddChild(one);
    }

    /// <summary>
    /// The nearest step that fits, from <paramref name="node"/> up; of several parents whose own parents are asked, the last one's answer counts. So does
    /// Kafka Streams.
    /// </summary>
    private static GraphNode? FirstAbove(GraphNode node, Predicate<GraphNode> fits)
    {
        if (fits(node))
            return node;

        GraphNode? found = null;
        foreach (var parent in node.Parents)
        {
            if (fits(parent))
                return parent;
            found = FirstAbove(parent, fits);
        }

        return found;
    }
}
