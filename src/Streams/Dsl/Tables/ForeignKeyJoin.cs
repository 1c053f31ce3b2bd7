using Streams.Processing;

namespace Streams.Dsl;

/// <summary>
/// The steps of a foreign-key join (KIP-213).
/// <code>
/// left table ─► send ─► registration topic ─► receive (subscription store) ─► answer ──┐
///                                 right table ─► tell all rows that refer to it ───────┴─► response topic ─► resolve with the left table ─► result
/// </code>
/// </summary>
internal sealed class ForeignKeyJoin<TKey, TValue, TForeignKey, TOther, TResult>(
    KTable<TKey, TValue> rows,
    KTable<TForeignKey, TOther> right,
    Func<TKey, TValue, TForeignKey?> extractor,
    Func<TValue, TOther, TResult> joiner,
    bool left)
{
    private const string Prefix = "KTABLE-FK-JOIN-";
    private const string Registration = $"{Prefix}SUBSCRIPTION-REGISTRATION-";
    private const string Processor = $"{Prefix}SUBSCRIPTION-PROCESSOR-";
    private const string Output = $"{Prefix}OUTPUT-";

    private readonly DslGraph _graph = rows.Graph;

    public KTable<TKey, TResult> Declare(TableJoined<TKey, TForeignKey>? joined, Materialized<TKey, TResult>? materialized)
    {
        ArgumentNullException.ThrowIfNull(right);
        var where = $"the foreign-key join '{joined?.Name ?? rows.Node.Name}'";
        var keySerde = rows.FindKeySerde(null, where, "Consumed.With or Materialized.WithKeySerde on the left table");
        var valueSerde = rows.FindValueSerde(where, "Materialized.WithValueSerde on the left table");
        var foreignSerde = right.FindKeySerde(null, where, "Consumed.With or Materialized.WithKeySerde on the right table");
        var otherSerde = right.FindValueSerde(where, "Materialized.WithValueSerde on the right table");
        var subscriptionKeySerde = new SubscriptionKeySerde<TForeignKey, TKey>(foreignSerde, keySerde);
        var subscriptionSerde = new SubscriptionSerde<TKey>(keySerde);
        var responseSerde = new SubscriptionResponseSerde<TOther>(otherSerde);

        // The right side's old values are not used; the left side's say which foreign key a row leaves.
        right.Source.EnableSendingOldValues(forceMaterialization: true);
        rows.Source.EnableSendingOldValues(forceMaterialization: true);

        // Names are used up in Kafka Streams' order, so that generated ones are the same.
        string Name(string suffix, string prefix) => _graph.Name(joined?.Name is { } given ? given + suffix : null, prefix);
        var registrationTopic = Name("-subscription-registration", Registration) + "-topic";
        var send = Send(Name("-subscription-registration-processor", Registration), foreignSerde, valueSerde);
        var registrationSource = Through(
            registrationTopic,
            Name("-subscription-registration-sink", "KTABLE-SINK-"),
            Name("-subscription-registration-source", "KTABLE-SOURCE-"),
            [send],
            foreignSerde,
            subscriptionSerde,
            ByForeignKey(joined?.OtherPartitioner));
        _graph.EnsureCopartitioned(right.Sources, SourceSet.Of(registrationSource.Name));

        var storeName = Name("-subscription-store", $"{Prefix}SUBSCRIPTION-STATE-STORE-");
        var store = Stores.TimestampedKeyValue(storeName, subscriptionKeySerde, subscriptionSerde);
        var receive = Receive(Name("-subscription-receive", Processor), registrationSource, store);
        var answer = Answer(Name("-subscription-join-foreign", Processor), receive);
        var tell = Tell(Name("-foreign-join-subscription", Processor), storeName, subscriptionKeySerde.PrefixSerde);

        var responseTopic = Name("-subscription-response", $"{Prefix}SUBSCRIPTION-RESPONSE-") + "-topic";
        var responseSource = Through(
            responseTopic,
            Name("-subscription-response-sink", "KTABLE-SINK-"),
            Name("-subscription-response-source", "KTABLE-SOURCE-"),
            [answer, tell],
            keySerde,
            responseSerde,
            ByPrimaryKey(joined?.Partitioner));
        var sources = _graph.EnsureCopartitioned(rows.Sources, SourceSet.Of(responseSource.Name));
        var resolve = Resolve(Name("-subscription-response-resolver", $"{Prefix}SUBSCRIPTION-RESPONSE-RESOLVER-PROCESSOR-"), responseSource, valueSerde);
        return Result(Name("-result", Output), resolve, sources, materialized);
    }

    private static StreamPartitioner<TForeignKey, Subscription<TKey>>? ByForeignKey(Func<string, TForeignKey, int, int>? partitioner) =>
        partitioner is null
            ? null
            : (string topic, in Record<TForeignKey, Subscription<TKey>> record, int partitions) => partitioner(topic, record.Key, partitions);

    private static StreamPartitioner<TKey, SubscriptionResponse<TOther>> ByPrimaryKey(Func<string, TKey, int, int>? partitioner) =>
        partitioner is null
            ? (string _, in Record<TKey, SubscriptionResponse<TOther>> record, int _) => record.Value.PrimaryPartition
            : (string topic, in Record<TKey, SubscriptionResponse<TOther>> record, int partitions) => partitioner(topic, record.Key, partitions);

    private GraphNode Send(string name, ISerde<TForeignKey> foreignSerde, ISerde<TValue> valueSerde) =>
        _graph.Add(new(name, [rows.Node], (t, parents) =>
        {
            var versioned = rows.Source.IsVersioned;
            t.AddNode(name, parents, () => new SubscriptionSendNode<TKey, TValue, TForeignKey>(
                name, extractor, foreignSerde, valueSerde, left, versioned));
        }));

    private GraphNode Receive(string name, GraphNode parent, StoreBuilder store) =>
        _graph.Add(new(name, [parent], (t, parents) => t
            .AddNode(name, parents, () => new SubscriptionReceiveNode<TKey, TForeignKey>(name, store.Name))
            .AddStateStore(store, name)));

    private GraphNode Answer(string name, GraphNode parent)
    {
        var stores = right.Source.GetterStores;
        return _graph.Add(new(name, [parent], (t, parents) => t
            .AddNode(name, parents, () => new SubscriptionJoinNode<TKey, TForeignKey, TOther>(name, right.Source.CreateGetter()))
            .ConnectProcessorAndStateStores(name, [.. stores])));
    }

    private GraphNode Tell(string name, string storeName, ISerde<TForeignKey> prefixSerde) =>
        _graph.Add(new(name, [right.Node], (t, parents) =>
        {
            var versioned = right.Source.IsVersioned;
            t.AddNode(name, parents, () => new ForeignTableJoinNode<TKey, TForeignKey, TOther>(name, storeName, prefixSerde, versioned))
                .ConnectProcessorAndStateStores(name, storeName);
        }));

    private GraphNode Resolve(string name, GraphNode parent, ISerde<TValue> valueSerde)
    {
        var stores = rows.Source.GetterStores;
        return _graph.Add(new(name, [parent], (t, parents) => t
            .AddNode(name, parents, () => new SubscriptionResponseNode<TKey, TValue, TOther, TResult>(
                name, rows.Source.CreateGetter(), valueSerde, joiner, left))
            .ConnectProcessorAndStateStores(name, [.. stores])));
    }

    private KTable<TKey, TResult> Result(string name, GraphNode parent, SourceSet sources, Materialized<TKey, TResult>? materialized)
    {
        var storeName = materialized?.StoreName ?? _graph.NextStoreName(Output);
        var keySerde = materialized?.KeySerde ?? rows.KeySerde;
        var versioned = materialized?.HistoryRetention is not null;
        var source = new TopicTable<TKey, TResult>(storeName, materialized?.StoreName is not null, versioned);
        var node = _graph.Add(new(name, [parent], (t, parents) =>
            TableStep.Write(t, name, parents, source, _graph.Serdes, keySerde, materialized?.ValueSerde, materialized))
        {
            IsVersioned = versioned,
        });
        return new(_graph, node, source, keySerde, materialized?.ValueSerde, sources, materialized?.StoreName);
    }

    private GraphNode Through<TTopicKey, TTopicValue>(
        string topic,
        string sink,
        string source,
        IReadOnlyList<GraphNode> parents,
        ISerde<TTopicKey> keySerde,
        ISerde<TTopicValue> valueSerde,
        StreamPartitioner<TTopicKey, TTopicValue>? partitioner)
    {
        var sinkNode = _graph.Add(new(sink, parents, (t, names) =>
        {
            t.AddInternalTopic(topic);
            t.AddSink(sink, topic, null, keySerde, valueSerde, partitioner, [.. names]);
        }));
        return _graph.Add(new(source, [sinkNode], (t, _) => t.AddSource(source, keySerde, valueSerde, topic)));
    }
}
