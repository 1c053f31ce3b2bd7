using System.Collections.Concurrent;

namespace Streams;

/// <summary>The names of topics in Kafka: the engine's own carry the application's id there, in the topology they do not.</summary>
internal sealed class InternalTopics(string applicationId, Topology topology)
{
    // Written where topics are looked for, read by the threads that make tasks.
    private readonly ConcurrentDictionary<string, NodeDefinition> _matched = new();

    /// <summary>The topics that patterns matched so far.</summary>
    public IReadOnlyCollection<string> Matched => [.. _matched.Keys];

    public string Resolve(string topic) => topology.InternalTopics.ContainsKey(topic) ? $"{applicationId}-{topic}" : topic;

    public string Changelog(string store) => $"{applicationId}-{store}-changelog";

    /// <summary>What a source reads, by its names in Kafka: what was declared, or what its pattern matched so far.</summary>
    public IEnumerable<string> ReadBy(NodeDefinition source) =>
        source.SourcePattern is null ? source.SourceTopics.Select(Resolve) : _matched.Where(m => m.Value == source).Select(m => m.Key);

    /// <summary>Looks for the source whose pattern matches a topic that no source names.</summary>
    /// <returns>The source; null where there is none.</returns>
    /// <exception cref="TopologyException">Two patterns match.</exception>
    public NodeDefinition? Match(string topic)
    {
        if (_matched.TryGetValue(topic, out var known))
            return known;

        NodeDefinition? found = null;
        foreach (var source in topology.Nodes.Where(n => n.Matches(topic)))
        {
            if (found is not null)
            {
                throw new TopologyException(
                    $"Topic '{topic}' matches the pattern '{found.SourcePattern}' of source '{found.Name}' and '{source.SourcePattern}' of '{source.Name}'. " +
                    "Write the patterns so that each topic matches one.");
            }

            found = source;
        }

        if (found is not null)
            _matched[topic] = found;
        return found;
    }

    /// <summary>Drops a topic that is there no more.</summary>
    public void Forget(string topic) => _matched.TryRemove(topic, out _);
}
