using System.Globalization;
using Streams.Runtime;

namespace Streams.Oracle;

/// <summary>The topics that a topology makes for itself, with their settings, by name.</summary>
internal static class InternalTopicLines
{
    public static IEnumerable<string> Of(Topology topology, StreamConfig config)
    {
        var application = config.ApplicationId;
        var lines = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (topic, partitions) in topology.InternalTopics)
            lines[$"{application}-{topic}"] = Line("repartition", $"{application}-{topic}", partitions, TopicManager.RepartitionSettings);
        foreach (var store in topology.StateStores.Values.Where(s => s.Logged))
            lines[$"{application}-{store.Name}-changelog"] = Line("changelog", $"{application}-{store.Name}-changelog", null, store.ChangelogSettingsIn(config));
        return lines.Values;
    }

    private static string Line(string kind, string name, int? partitions, IReadOnlyDictionary<string, string> settings) =>
        $"topic {kind} {name} partitions={partitions?.ToString(CultureInfo.InvariantCulture) ?? "-"} {string.Join(' ', settings.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => $"{s.Key}={s.Value}"))}";
}
