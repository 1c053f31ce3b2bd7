namespace Streams;

/// <summary>An application's life. Moves follow Kafka Streams' <c>KafkaStreams.State</c>.</summary>
/// <remarks>
/// <code>
///            ┌──────────────┐
/// Created ─► Rebalancing ◄─► Running
///    │        │      │        │   │
///    └────────┼──────┼────────┴───┴─► PendingShutdown ─► NotRunning
///             └──────┴──► Error
/// </code>
/// </remarks>
public enum KafkaStreamState
{
    /// <summary>Not started.</summary>
    Created,

    /// <summary>Looking for Kafka, waiting for partitions, or restoring stores.</summary>
    Rebalancing,

    /// <summary>Every thread has its partitions, and their stores are whole.</summary>
    Running,

    /// <summary>Stopping.</summary>
    PendingShutdown,

    /// <summary>Stopped.</summary>
    NotRunning,

    /// <summary>Stopped by an error that trying again could not help; the log says which.</summary>
    Error,
}

internal static class KafkaStreamStateMoves
{
    extension(KafkaStreamState from)
    {
        public bool CanBecome(KafkaStreamState to) => (from, to) switch
        {
            (KafkaStreamState.Created, KafkaStreamState.Rebalancing or KafkaStreamState.PendingShutdown) => true,
            (KafkaStreamState.Rebalancing, KafkaStreamState.Running or KafkaStreamState.PendingShutdown or KafkaStreamState.Error) => true,
            (KafkaStreamState.Running, KafkaStreamState.Rebalancing or KafkaStreamState.PendingShutdown or KafkaStreamState.Error) => true,
            (KafkaStreamState.PendingShutdown, KafkaStreamState.NotRunning or KafkaStreamState.Error) => true,
            _ => false,
        };
    }
}

/// <summary>A move of an application's state.</summary>
public sealed class StateChangedEventArgs(KafkaStreamState previous, KafkaStreamState current) : EventArgs
{
    /// <summary>The state left.</summary>
    public KafkaStreamState Previous { get; } = previous;

    /// <summary>The state entered.</summary>
    public KafkaStreamState Current { get; } = current;
}
