using Streams.Dsl;

namespace Streams;

/// <content>Repartition topics that the user asks for.</content>
public sealed partial class KStream<TKey, TValue>
{
    /// <summary>
    /// Sends the stream through a repartition topic, so that equal keys are in one task again: grouping and joining afterwards need no other. With a
    /// number of partitions it also sets how many tasks work on what follows.
    /// </summary>
    public KStream<TKey, TValue> Repartition(Repartitioned<TKey, TValue>? repartitioned = null)
    {
        repartitioned ??= new();
        var name = repartitioned.Name ?? Graph.NextName("KSTREAM-REPARTITION-");
        var where = $"the repartition topic of '{name}'";
        var keySerde = Graph.Serdes.Find(repartitioned.KeySerde ?? KeySerde, "keys", where, "Repartitioned.With");
        var valueSerde = Graph.Serdes.Find(repartitioned.ValueSerde ?? ValueSerde, "values", where, "Repartitioned.With");
        var node = Graph.Add(RepartitionStep<TKey, TValue>.Create(Graph, [Node], name, keySerde, valueSerde, repartitioned));
        return new(Graph, node, keySerde, valueSerde, keyChanged: false, SourceSet.Of(node.Name));
    }
}
