using Streams.Processing;

namespace Streams.Dsl;

/// <summary>One of the streams that are aggregated together: its values' type is its own affair.</summary>
internal abstract class CogroupedStream<TKey, TAggregate>
{
    /// <summary>The grouped stream, to tell whether it is in the cogroup already.</summary>
    public abstract object Groups { get; }

    public abstract DslGraph Graph { get; }

    public abstract ISerde<TKey>? KeySerde { get; }

    public abstract (GraphNode Node, SourceSet Sources) Keyed(string storeName);

    public abstract Node Node(string name, string storeName, Func<TAggregate> initializer, bool sendsOldValues);

    public abstract Node Node(CogroupedWindow<TKey, TAggregate> window, string name, bool sendsOldValues, Windows windows);

    public abstract Node Node(CogroupedWindow<TKey, TAggregate> window, string name, bool sendsOldValues, SessionWindows windows);
}

/// <summary>What the streams of a windowed cogroup have in common.</summary>
internal sealed record CogroupedWindow<TKey, TAggregate>(
    string StoreName, Func<TAggregate> Initializer, Func<TKey, TAggregate, TAggregate, TAggregate>? Merger, long RetentionMs);

internal sealed class CogroupedStream<TKey, TValue, TAggregate>(
    KGroupedStream<TKey, TValue> groups, Func<TKey, TValue, TAggregate, TAggregate> aggregator)
    : CogroupedStream<TKey, TAggregate>
{
    public override object Groups => groups;

    public override DslGraph Graph => groups.Graph;

    public override ISerde<TKey>? KeySerde => groups.KeySerde;

    public override (GraphNode Node, SourceSet Sources) Keyed(string storeName) => groups.Keyed(storeName);

    public override Node Node(string name, string storeName, Func<TAggregate> initializer, bool sendsOldValues) =>
        new AggregateNode<TKey, TValue, TAggregate>(name, storeName, sendsOldValues, new Aggregating<TKey, TValue, TAggregate>(initializer, aggregator));

    public override Node Node(CogroupedWindow<TKey, TAggregate> window, string name, bool sendsOldValues, Windows windows) =>
        windows.Node(Aggregate(window, name, sendsOldValues));

    public override Node Node(CogroupedWindow<TKey, TAggregate> window, string name, bool sendsOldValues, SessionWindows windows) =>
        new SessionWindowAggregateNode<TKey, TValue, TAggregate>(Aggregate(window, name, sendsOldValues), windows);

    private WindowedAggregate<TKey, TValue, TAggregate> Aggregate(CogroupedWindow<TKey, TAggregate> window, string name, bool sendsOldValues) => new(
        name,
        window.StoreName,
        new Aggregating<TKey, TValue, TAggregate>(window.Initializer, aggregator, window.Merger),
        EmitStrategy.OnWindowUpdate,
        window.RetentionMs,
        sendsOldValues);
}
