namespace Streams.Oracle;

/// <summary>One of the oracle's topologies.</summary>
/// <param name="Name">Its name there.</param>
/// <param name="Options">Its options beside those of every topology, with their defaults.</param>
/// <param name="About">What it does.</param>
/// <param name="Build">Builds it, and tells the scene of its inputs, outputs and stores.</param>
internal sealed record TopologySpec(string Name, string Options, string About, Action<Scene> Build);
