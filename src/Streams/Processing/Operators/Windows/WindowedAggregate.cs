namespace Streams.Processing;

/// <summary>What a windowed aggregation is, whatever its windows.</summary>
/// <param name="Node">The node's name.</param>
/// <param name="Store">The store's name.</param>
/// <param name="Aggregation">How values come about.</param>
/// <param name="Emit">When results are sent.</param>
/// <param name="RetentionMs">How long the store keeps a window.</param>
/// <param name="SendsOldValues">Whether something downstream needs the old values too.</param>
internal sealed record WindowedAggregate<TKey, TValue, TAggregate>(
    string Node,
    string Store,
    Aggregation<TKey, TValue, TAggregate> Aggregation,
    EmitStrategy Emit,
    long RetentionMs,
    bool SendsOldValues);
