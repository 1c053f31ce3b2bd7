using System.Globalization;
using Kafka;
using Microsoft.Extensions.Logging;

namespace Streams.Runtime;

/// <summary>Waits for the input topics and creates the application's own: repartition topics and changelogs.</summary>
internal sealed partial class TopicManager(CompiledTopology topology, StreamConfig config, ILogClient client, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    /// <summary>Tries until Kafka is there and every topic exists.</summary>
    /// <returns>How many partitions each input topic has, repartition topics and those of global stores included.</returns>
    /// <exception cref="StreamsException">A topic of the application's own does not fit the topology.</exception>
    public async Task<IReadOnlyDictionary<string, int>> PrepareAsync(CancellationToken cancellation)
    {
        var pause = FirstPause;
        string? lastReason = null;
        while (true)
        {
            string reason;
            try
            {
                using var admin = client.CreateAdmin();
                var existing = await admin.ListTopicsAsync(cancellation).ConfigureAwait(false);
                topology.MatchPatterns(existing.Keys);
                var missing = topology.SourceTopics.Concat(topology.GlobalTopics)
                    .Where(t => !existing.ContainsKey(t) && !topology.RepartitionTopics.ContainsKey(t))
                    .Order(StringComparer.Ordinal)
                    .ToList();
                if (missing.Count == 0)
                    return await CreateAsync(admin, existing, cancellation).ConfigureAwait(false);

                reason = $"the topology reads {string.Join(", ", missing)}, which {(missing.Count == 1 ? "does" : "do")} not exist yet";
            }
            catch (KafkaException error) when (error.Kind is not KafkaErrorKind.Refused)
            {
                reason = error.Message;
            }

            if (reason != lastReason || pause == LongestPause)
                Waiting(config.ApplicationId, reason, pause);
            lastReason = reason;
            await Task.Delay(pause, time, cancellation).ConfigureAwait(false);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    /// <summary>
    /// How many tasks each subtopology has: as many as its largest input has partitions. A repartition topic gets as many partitions as the
    /// largest subtopology that writes it has tasks.
    /// </summary>
    internal static (Dictionary<string, int> Partitions, Dictionary<int, int> Tasks) Plan(
        CompiledTopology topology, IReadOnlyDictionary<string, int> existing)
    {
        var partitions = topology.SourceTopics
            .Where(t => !topology.RepartitionTopics.ContainsKey(t))
            .ToDictionary(t => t, t => existing[t]);
        var tasks = new Dictionary<int, int>();
        foreach (var (topic, asked) in topology.RepartitionTopics)
        {
            if (asked is { } count)
                partitions[topic] = count;
        }

        TakeFromCopartitioned(topology, partitions);

        // Each round settles at least one subtopology whose inputs are all known; a topology has no cycles, or this would not end.
        while (tasks.Count < topology.Subtopologies.Count)
        {
            var settled = tasks.Count;
            foreach (var subtopology in topology.Subtopologies)
            {
                if (tasks.ContainsKey(subtopology.Id))
                    continue;

                var inputs = subtopology.Sources.SelectMany(topology.Topics.ReadBy).ToList();
                foreach (var input in inputs.Where(i => !partitions.ContainsKey(i)))
                {
                    var writers = topology.Subtopologies.Where(s => s.SinkTopics.Any(t => topology.Topics.Resolve(t) == input)).ToList();
                    if (writers.TrueForAll(w => tasks.ContainsKey(w.Id)))
                        partitions[input] = writers.Max(w => tasks[w.Id]);
                }

                if (inputs.TrueForAll(partitions.ContainsKey))
                    tasks[subtopology.Id] = inputs.Select(i => partitions[i]).DefaultIfEmpty(0).Max();
            }

            // A foreign-key join's two topics feed each other's subtopology; the tables on either side say how large they are.
            if (tasks.Count == settled && !TakeFromCopartitioned(topology, partitions))
                throw new TopologyException("The topology's repartition topics feed each other in a circle; their number of partitions cannot be told.");
        }

        CheckCopartitioned(topology, partitions);
        return (partitions, tasks);
    }

    /// <summary>Gives topics of the engine's own as many partitions as those that they are read together with, where these are known.</summary>
    /// <returns>Whether there was one to give.</returns>
    private static bool TakeFromCopartitioned(CompiledTopology topology, Dictionary<string, int> partitions)
    {
        var taken = false;
        foreach (var group in topology.Copartitioned)
        {
            var known = group.Where(partitions.ContainsKey).ToList();
            if (known.Count == 0)
                continue;

            foreach (var topic in group.Except(known).ToList())
            {
                partitions[topic] = known.Max(t => partitions[t]);
                taken = true;
            }
        }

        return taken;
    }

    /// <exception cref="TopologyException">Inputs of a join differ in their number of partitions: equal keys would not meet.</exception>
    private static void CheckCopartitioned(CompiledTopology topology, Dictionary<string, int> partitions)
    {
        foreach (var group in topology.Copartitioned)
        {
            if (group.Select(t => partitions[t]).Distinct().Count() > 1)
            {
                throw new TopologyException(
                    $"Joined topics have different numbers of partitions: {string.Join(", ", group.Select(t => $"{t} has {partitions[t]}"))}. " +
                    "Equal keys would lie in different tasks. Give the topics the same number, or send one stream through Repartition before the join.");
            }
        }
    }

    private async Task<IReadOnlyDictionary<string, int>> CreateAsync(
        ILogAdmin admin, IReadOnlyDictionary<string, int> existing, CancellationToken cancellation)
    {
        var (partitions, tasks) = Plan(topology, existing);
        var wanted = new List<TopicSpecification>();
        foreach (var topic in topology.RepartitionTopics.Keys)
            wanted.Add(Specify(topic, partitions[topic], RepartitionSettings));
        foreach (var subtopology in topology.Subtopologies)
        {
            foreach (var store in subtopology.Stores.Where(s => s.Logged))
                wanted.Add(Specify(topology.Topics.Changelog(store.Name), tasks[subtopology.Id], store.ChangelogSettings));
        }

        foreach (var topic in wanted)
        {
            if (existing.TryGetValue(topic.Name, out var actual) && actual != topic.Partitions)
            {
                throw new StreamsException(
                    $"Topic {topic.Name} has {actual} partitions and the topology needs {topic.Partitions}: an input's partitions were changed. " +
                    $"Reset application '{config.ApplicationId}': stop it, delete its -changelog and -repartition topics, and start it again.");
            }
        }

        var missing = wanted.Where(t => !existing.ContainsKey(t.Name)).ToList();
        if (missing.Count > 0)
        {
            await admin.CreateTopicsAsync(missing, cancellation).ConfigureAwait(false);
            TopicsCreated(config.ApplicationId, string.Join(", ", missing.Select(t => $"{t.Name} ({t.Partitions})")));
        }

        foreach (var topic in topology.GlobalTopics)
            partitions[topic] = existing[topic];
        return partitions;
    }

    // Kafka Streams' own: kept until read, and in small segments so that they can be purged in small steps.
    internal static IReadOnlyDictionary<string, string> RepartitionSettings { get; } = new Dictionary<string, string>
    {
        ["cleanup.policy"] = "delete",
        ["message.timestamp.type"] = "CreateTime",
        ["retention.ms"] = "-1",
        ["segment.bytes"] = (50 << 20).ToString(CultureInfo.InvariantCulture),
    };

    private TopicSpecification Specify(string name, int partitions, IReadOnlyDictionary<string, string> settings) =>
        new(name, partitions) { ReplicationFactor = config.ReplicationFactor, Configs = settings };

    [LoggerMessage(1, LogLevel.Warning, "Application '{Application}' waits for Kafka: {Reason}. Looking again in {Pause}.")]
    private partial void Waiting(string application, string reason, TimeSpan pause);

    [LoggerMessage(2, LogLevel.Information, "Application '{Application}' created its topics: {Topics}.")]
    private partial void TopicsCreated(string application, string topics);
}
