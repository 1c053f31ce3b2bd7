using Kafka;
using Microsoft.Extensions.Logging;

namespace Streams.Runtime;

/// <summary>What all threads of an application share.</summary>
/// <param name="Topology">The topology, with its names in Kafka.</param>
/// <param name="Inputs">What its tasks read.</param>
/// <param name="Config">The settings.</param>
/// <param name="Client">The way to Kafka.</param>
/// <param name="Time">The clock.</param>
/// <param name="Metrics">The meter.</param>
/// <param name="Logger">The log.</param>
internal sealed record ThreadParts(
    CompiledTopology Topology,
    KnownInputs Inputs,
    StreamConfig Config,
    ILogClient Client,
    TimeProvider Time,
    EngineMetrics Metrics,
    ILogger Logger)
{
    /// <summary>The global stores as tasks see them; empty where there are none.</summary>
    public IReadOnlyList<IStateStore> GlobalStores { get; init; } = [];
}
