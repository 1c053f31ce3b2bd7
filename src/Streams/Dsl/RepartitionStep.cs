using Streams.Processing;

namespace Streams.Dsl;

/// <summary>A topic of the engine's own that brings equal keys together.</summary>
internal abstract class RepartitionStep(string topic, bool mergeable)
{
    /// <summary>The topic's name in the topology, without the application's id.</summary>
    public string Topic { get; } = topic;

    /// <summary>Whether the optimiser may make one topic of this and others of the same records.</summary>
    public bool Mergeable { get; } = mergeable;

    /// <summary>Records without a key are dropped here, unless something below has a result for them.</summary>
    public bool DropsNullKeys { get; set; } = true;

    /// <summary>The same topic, written and read by nodes of new names.</summary>
    public abstract GraphNode Again(DslGraph graph, IReadOnlyList<GraphNode> parents);
}

internal sealed class RepartitionStep<TKey, TValue>(
    string topic, ISerde<TKey> keySerde, ISerde<TValue> valueSerde, Repartitioned<TKey, TValue>? explicitly)
    : RepartitionStep(topic, mergeable: explicitly is null)
{
    private const string Suffix = "-repartition";

    /// <summary>A step behind <paramref name="parents"/>, not added yet.</summary>
    /// <param name="graph">Gives the names.</param>
    /// <param name="parents">What is repartitioned.</param>
    /// <param name="prefix">The topic's name without its suffix.</param>
    /// <param name="keySerde">The keys' serde.</param>
    /// <param name="valueSerde">The values' serde.</param>
    /// <param name="explicitly">How the user asked for it; null where the engine needs it.</param>
    public static GraphNode Create(
        DslGraph graph,
        IReadOnlyList<GraphNode> parents,
        string prefix,
        ISerde<TKey> keySerde,
        ISerde<TValue> valueSerde,
        Repartitioned<TKey, TValue>? explicitly = null)
    {
        var topic = prefix.EndsWith(Suffix, StringComparison.Ordinal) ? prefix : prefix + Suffix;

        // Three numbers go, used or not, so that naming a topic renames no other node.
        var (sink, filter, source) = (graph.NextName("KSTREAM-SINK-"), graph.NextName("KSTREAM-FILTER-"), graph.NextName("KSTREAM-SOURCE-"));
        if (!DslGraph.IsGenerated(prefix))
            (sink, filter, source) = ($"{topic}-sink", $"{topic}-filter", $"{topic}-source");

        var step = new RepartitionStep<TKey, TValue>(topic, keySerde, valueSerde, explicitly);
        return new(source, parents, (t, parentNames) => step.Write(t, parentNames, sink, filter, source)) { Repartition = step };
    }

    public override GraphNode Again(DslGraph graph, IReadOnlyList<GraphNode> parents) => Create(graph, parents, Topic, keySerde, valueSerde);

    private void Write(Topology topology, IReadOnlyList<string> parents, string sink, string filter, string source)
    {
        var dropsNullKeys = DropsNullKeys;
        topology.AddInternalTopic(Topic, explicitly?.Partitions);
        topology.AddNode(filter, parents, () => dropsNullKeys ? new HasKeyNode<TKey, TValue>(filter) : new PassNode<TKey, TValue>(filter));
        topology.AddSink(sink, Topic, null, keySerde, valueSerde, explicitly?.Partitioner, filter);
        topology.AddSource(source, keySerde, valueSerde, Topic);
    }
}
