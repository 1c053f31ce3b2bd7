namespace Monitor.Nodes;

/// <summary>Up to when it is known that every heartbeat Kafka holds has been taken.</summary>
/// <remarks>
/// Silence in a topic is only silence once all of the topic was read: a monitor that lags, that has just started or that has lost its way to
/// Kafka knows nothing about its nodes and must not judge them.
/// </remarks>
internal interface IEvidence
{
    /// <summary>All heartbeats that partition <paramref name="partition"/> held at this time, in milliseconds since 1970-01-01 UTC, have been taken.</summary>
    /// <returns>Null where that was never so.</returns>
    long? CompleteAsOf(int partition);
}
