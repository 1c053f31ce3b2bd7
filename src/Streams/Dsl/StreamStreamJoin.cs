using Streams.Processing;
using Streams.State;

namespace Streams.Dsl;

/// <summary>
/// Writes a stream-stream join: on each side a node that keeps its records and one that looks for the other's, then one that brings both together.
/// Names, and the numbers that they use up, are Kafka Streams'.
/// </summary>
internal sealed class StreamStreamJoin<TKey, TLeft, TRight, TResult>
{
    private const string StoreSuffix = "-store";
    private const string OuterThis = "KSTREAM-OUTERTHIS-";
    private const string JoinThis = "KSTREAM-JOINTHIS-";

    private readonly string _leftWindow;
    private readonly string _rightWindow;
    private readonly string _leftJoin;
    private readonly string _rightJoin;
    private readonly string _merge;
    private readonly StoreBuilder _leftStore;
    private readonly StoreBuilder _rightStore;
    private readonly StoreBuilder? _unmatchedStore;
    private readonly StreamJoin<TKey, TLeft, TRight, TResult> _join;
    private readonly (bool Left, bool Right) _outer;
    private readonly long _retentionMs;
    private bool _isSelfJoin;

    private StreamStreamJoin(
        DslGraph graph,
        Func<TKey, TLeft, TRight, TResult> joiner,
        JoinWindows windows,
        StreamJoined<TKey, TLeft, TRight> joined,
        (ISerde<TKey> Key, ISerde<TLeft> Left, ISerde<TRight> Right) serdes,
        (bool Left, bool Right) outer)
    {
        _outer = outer;
        _retentionMs = (long)(windows.Size + windows.Grace).TotalMilliseconds;
        var thisSuffix = outer.Right ? "-outer-this-join" : "-this-join";
        var otherSuffix = outer.Left ? "-outer-other-join" : "-other-join";

        string Suffixed(string generated, string suffix) => joined.Name is { } name ? name + suffix : generated;
        _leftWindow = Suffixed(graph.NextName("KSTREAM-WINDOWED-"), "-this-windowed");
        _rightWindow = Suffixed(graph.NextName("KSTREAM-WINDOWED-"), "-other-windowed");
        var left = graph.NextName(outer.Right ? OuterThis : JoinThis);
        var right = graph.NextName(outer.Left ? "KSTREAM-OUTEROTHER-" : "KSTREAM-JOINOTHER-");
        (_leftJoin, _rightJoin) = (Suffixed(left, thisSuffix), Suffixed(right, otherSuffix));
        _merge = Suffixed(graph.NextName("KSTREAM-MERGE-"), "-merge");

        string StoreName(string generated, string suffix) => (joined.StoreName is { } name ? name + suffix : generated) + StoreSuffix;
        _leftStore = Store(StoreName(left, thisSuffix), windows, joined, serdes.Key, serdes.Left);
        _rightStore = Store(StoreName(right, otherSuffix), windows, joined, serdes.Key, serdes.Right);
        if (outer.Left)
        {
            var number = left[(outer.Right ? OuterThis : JoinThis).Length..];
            var name = StoreName($"KSTREAM-OUTERSHARED-{number}", outer.Right ? "-outer-shared-join" : "-left-shared-join");
            _unmatchedStore = joined.Apply(UnmatchedRecords<TKey, TLeft, TRight>.Store(name, serdes.Key, serdes.Left, serdes.Right));
        }

        _join = new(windows, joiner) { UnmatchedStore = _unmatchedStore?.Name };
    }

    public static KStream<TKey, TResult> Add(
        KStream<TKey, TLeft> left,
        KStream<TKey, TRight> right,
        Func<TKey, TLeft, TRight, TResult> joiner,
        JoinWindows windows,
        StreamJoined<TKey, TLeft, TRight>? joined,
        (bool Left, bool Right) outer)
    {
        var graph = left.Graph;
        joined ??= new();
        var where = $"a join of '{left.Node.Name}' and '{right.Node.Name}'";
        var keySerde = graph.Serdes.Find(joined.KeySerde ?? left.KeySerde ?? right.KeySerde, "keys", where, "StreamJoined.With");
        var leftSerde = graph.Serdes.Find(joined.LeftSerde ?? left.ValueSerde, "left values", where, "StreamJoined.With");
        var rightSerde = graph.Serdes.Find(joined.RightSerde ?? right.ValueSerde, "right values", where, "StreamJoined.With");

        if (left.KeyChanged)
            left = graph.Repartition(left, joined.Name is { } name ? $"{name}-left" : left.Node.Name, keySerde, leftSerde);
        if (right.KeyChanged)
            right = graph.Repartition(right, joined.Name is { } name ? $"{name}-right" : right.Node.Name, keySerde, rightSerde);
        var sources = graph.EnsureCopartitioned(left.Sources, right.Sources);

        var join = new StreamStreamJoin<TKey, TLeft, TRight, TResult>(graph, joiner, windows, joined, (keySerde, leftSerde, rightSerde), outer);
        return new(graph, join.AddTo(graph, left.Node, right.Node), keySerde, null, keyChanged: false, sources);
    }

    private static StoreBuilder Store<TValue>(
        string name, JoinWindows windows, StreamJoined<TKey, TLeft, TRight> joined, ISerde<TKey> keySerde, ISerde<TValue> valueSerde)
    {
        // Records beside each other under one key and time: compaction would keep only one of them.
        var deleteOnly = new Dictionary<string, string> { ["cleanup.policy"] = "delete" };
        var store = Stores.Window(name, keySerde, valueSerde, windows.Size + windows.Grace, windows.Size, retainDuplicates: true);
        return joined.Apply(store.WithLoggingEnabled(deleteOnly));
    }

    private GraphNode AddTo(DslGraph graph, GraphNode left, GraphNode right)
    {
        graph.Add(new(
            _leftWindow, [left], (t, parents) => t.AddNode(_leftWindow, parents, () => new JoinWindowNode<TKey, TLeft>(_leftWindow, _leftStore.Name))));
        var rightWindow = graph.Add(new(
            _rightWindow, [right], (t, parents) => t.AddNode(_rightWindow, parents, () => new JoinWindowNode<TKey, TRight>(_rightWindow, _rightStore.Name))));
        return graph.Add(new(_merge, [left, right], (t, _) => Write(t))
        {
            TakesNullKeys = _outer.Left || _outer.Right,
            BecomeSelfJoin = () =>
            {
                _isSelfJoin = true;
                return rightWindow;
            },
        });
    }

    private void Write(Topology topology)
    {
        if (_isSelfJoin)
        {
            // Both sides are one stream, so their values have one type.
            var join = (StreamJoin<TKey, TLeft, TLeft, TResult>)(object)_join;
            topology
                .AddNode(_merge, [_leftWindow], () => new SelfJoinNode<TKey, TLeft, TResult>(_merge, _leftStore.Name, _retentionMs, join))
                .AddStateStore(_leftStore, _leftWindow, _merge);
            return;
        }

        topology
            .AddNode(_leftJoin, [_leftWindow], () => new LeftJoinNode<TKey, TLeft, TRight, TResult>(_leftJoin, _rightStore.Name, _join, _outer.Left))
            .AddNode(_rightJoin, [_rightWindow], () => new RightJoinNode<TKey, TLeft, TRight, TResult>(_rightJoin, _leftStore.Name, _join, _outer.Right))
            .AddNode(_merge, [_leftJoin, _rightJoin], () => new PassNode<TKey, TResult>(_merge))
            .AddStateStore(_leftStore, _leftWindow, _rightJoin)
            .AddStateStore(_rightStore, _rightWindow, _leftJoin);
        if (_unmatchedStore is not null)
            topology.AddStateStore(_unmatchedStore, _leftJoin, _rightJoin);
    }
}
