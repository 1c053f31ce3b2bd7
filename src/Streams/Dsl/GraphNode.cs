namespace Streams.Dsl;

/// <summary>
/// One step of the DSL. It may write several nodes of the topology; the one called <see cref="Name"/> sends its records to the steps below.
/// </summary>
/// <param name="name">The name of the node that children follow.</param>
/// <param name="parents">The steps whose records it gets; none where it begins a stream or adds a store.</param>
/// <param name="write">
/// Writes the step. Called at <see cref="DslGraph.Build"/> with the names of the parents as they are then: the optimiser may have put another
/// step in between.
/// </param>
internal sealed class GraphNode(string name, IReadOnlyList<GraphNode> parents, Action<Topology, IReadOnlyList<string>> write)
{
    public string Name { get; } = name;

    /// <summary>Without repeats: a stream joined with itself is one parent.</summary>
    public List<GraphNode> Parents { get; } = [.. parents.Distinct()];

    public List<GraphNode> Children { get; } = [];

    /// <summary>Equal keys may lie in different partitions afterwards: one repartition topic right behind it may serve all that follows.</summary>
    public bool ChangesKey { get; init; }

    /// <summary>The value's type may be another afterwards, so that a repartition topic cannot move before it.</summary>
    public bool ChangesValue { get; init; }

    public bool IsMerge { get; init; }

    /// <summary>A left or outer join, which has results for records without a key: a repartition topic above it must carry them.</summary>
    public bool TakesNullKeys { get; init; }

    /// <summary>Whether the table behind this step is versioned; null where that depends on its parents.</summary>
    public bool? IsVersioned { get; init; }

    /// <summary>Of a windowed aggregation: how long after a window's end, in milliseconds, it may still change. Null for other steps.</summary>
    public long? GraceMs { get; init; }

    /// <summary>What a stream's source reads, as declared; streams of the same topics have one source in the end. Empty for other steps.</summary>
    public IReadOnlyList<string> SourceTopics { get; init; } = [];

    /// <summary>Set where the step is a repartition topic.</summary>
    public RepartitionStep? Repartition { get; init; }

    /// <summary>
    /// Set by a stream-stream join: told by the optimiser that both of its streams are one, so that it needs one store. The step that the join
    /// names here is dropped.
    /// </summary>
    public Func<GraphNode>? BecomeSelfJoin { get; init; }

    /// <summary>Steps are written in this order, as far as parents come before children: that of the calls.</summary>
    public int Priority { get; set; }

    public void Write(Topology topology) => write(topology, [.. Parents.Select(p => p.Name)]);

    public void AddChild(GraphNode child)
    {
        if (!Children.Contains(child))
            Children.Add(child);
        if (!child.Parents.Contains(this))
            child.Parents.Add(this);
    }

    public void RemoveChild(GraphNode child)
    {
        Children.Remove(child);
        child.Parents.Remove(this);
    }
}
