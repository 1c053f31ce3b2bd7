using System.Globalization;
using Streams.Processing;

namespace Streams.Dsl;

/// <summary>The streams that are aggregated together, in the order in which they were named: one node for each, all on one store, and one behind them.</summary>
internal sealed class Cogroup<TKey, TAggregate>(IReadOnlyList<CogroupedStream<TKey, TAggregate>> streams)
{
    private const string AggregatePrefix = "COGROUPKSTREAM-AGGREGATE-";
    private const string MergePrefix = "COGROUPKSTREAM-MERGE-";

    public DslGraph Graph => streams[0].Graph;

    public ISerde<TKey>? KeySerde => streams.Select(s => s.KeySerde).FirstOrDefault(s => s is not null);

    /// <summary>With one more; a stream that is there already gets the new aggregator.</summary>
    public Cogroup<TKey, TAggregate> With(CogroupedStream<TKey, TAggregate> stream)
    {
        var all = streams.ToList();
        var known = all.FindIndex(s => ReferenceEquals(s.Groups, stream.Groups));
        if (known < 0)
            all.Add(stream);
        else
            all[known] = stream;
        return new(all);
    }

    public string StoreName(string? given) => given ?? Graph.NextStoreName(AggregatePrefix);

    /// <summary>Adds the nodes.</summary>
    /// <param name="store">Their store.</param>
    /// <param name="make">Makes the node of a stream, by its name.</param>
    /// <param name="graceMs">The windows' grace; null where there are none.</param>
    /// <param name="named">What the nodes are named after; null for generated names.</param>
    /// <returns>The node that has all results, and where the records come from.</returns>
    public (GraphNode Node, SourceSet Sources) Add<TOutKey>(
        StoreBuilder store, Func<CogroupedStream<TKey, TAggregate>, string, Node> make, long? graceMs, string? named)
    {
        var graph = Graph;
        var keyed = streams.Select(s => s.Keyed(store.Name)).ToList();
        var sources = keyed.Select(k => k.Sources).Aggregate(graph.EnsureCopartitioned);

        var nodes = new List<GraphNode>();
        for (var i = 0; i < streams.Count; i++)
        {
            var stream = streams[i];
            var name = graph.Name(
                named is null ? null : string.Create(CultureInfo.InvariantCulture, $"{named}-cogroup-agg-{i}"), AggregatePrefix);
            nodes.Add(graph.Add(new(name, [keyed[i].Node], (t, parents) => t
                .AddNode(name, parents, () => make(stream, name))
                .AddStateStore(store, name))
            {
                GraceMs = graceMs,
            }));
        }

        var merge = graph.Name(named is null ? null : $"{named}-cogroup-merge", MergePrefix);
        var merged = graph.Add(new(
            merge, nodes, (t, parents) => t.AddNode(merge, parents, () => new PassNode<TOutKey, Change<TAggregate>>(merge))));
        return (merged, sources);
    }
}
