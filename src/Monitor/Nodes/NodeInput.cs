using Monitor.State;
using Streams.Contracts.V1;

namespace Monitor.Nodes;

/// <summary>What can happen to a node from outside: one of the two.</summary>
/// <param name="Beat">A sign of life.</param>
/// <param name="Command">Someone's request.</param>
internal sealed record NodeInput(Heartbeat? Beat, MaintenanceCommand? Command);

/// <summary>What is told about nodes: one of the two.</summary>
/// <param name="Event">A change of state; keyed by node.</param>
/// <param name="Alert">An alert; keyed by fingerprint.</param>
internal sealed record NodeOutput(NodeEvent? Event, Alert? Alert);
