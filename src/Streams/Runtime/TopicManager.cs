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
    /// <exception cref="StreamsException">A topic of the application's own does not fit the topology.</exception>
    public async Task<InputTopics> PrepareAsync(CancellationToken cancellation)
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
                topology.MatchPatterns([.. existing.Keys]);
                var missing = topology.SourceTopics.Concat(topology.GlobalTopics)
                    .Where(t => !existing.ContainsKey(t) && !topology.RepartitionTopics.ContainsKey(t))
                    .Order(StringComparer.Ordinal)
                    .ToList();
                var readsNothing = topology.Subtopologies.Count > 0 && topology.SourceTopics.All(topology.RepartitionTopics.ContainsKey);
                if (missing.Count == 0 && !readsNothing)
                    return await CreateAsync(admin, existing, cancellation).ConfigureAwait(false);

                reason = missing.Count == 0 ? "no topic matches a pattern that the topology reads yet" : $"the topology reads {string.Join(", ", missing)}, which {(missing.Count == 1 ? "does" : "do")} not exist yet";
            }
            catch (KafkaException error) when (error.Kind is not KafkaErrorKind.Refused)
            {
                reason = error.Message;
            }

            if (reason != lastReason)
                Waiting(config.ApplicationId, reason);
            lastReason = reason;
            await Task.Delay(pause, time, cancellation).ConfigureAwait(false);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    /// <summary>Looks for topics that came up, or went away, and that a pattern matches; makes what topics their tasks need.</summary>
    /// <returns>What there is to read now; null where that is the same as before, or where Kafka did not answer.</returns>
    /// <exception cref="StreamsException">A topic of the application's own does not fit the topology any more.</exception>
    public async Task<InputTopics?> RefreshAsync(InputTopics known, CancellationToken cancellation)
    {
        try
        {
            using var admin = client.CreateAdmin();
            var existing = await admin.ListTopicsAsync(cancellation).ConfigureAwait(false);
            topology.MatchPatterns([.. existing.Keys]);
            var (now, before) = (topology.Topics.Matched, known.Matched);
            if (now.Count == before.Count && !now.Except(before).Any())
                return null;

            InputsChanged(config.ApplicationId, Listed(now.Except(before)), Listed(before.Except(now)));
            return await CreateAsync(admin, existing, cancellation).ConfigureAwait(false);
        }
        catch (KafkaException error) when (error.Kind is not KafkaErrorKind.Refused)
        {
            Waiting(config.ApplicationId, error.Message);
            return null;
        }
    }

    private static string Listed(IEnumerable<string> topics) => string.Join(", ", topics.Order(StringComparer.Ordinal)) is { Length: > 0 } list ? list : "none";

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

    private async Task<InputTopics> CreateAsync(
        ILogAdmin admin, IReadOnlyDictionary<string, int> existing, CancellationToken cancellation)
    {
        var (partitions, tasks) = Plan(topology, existing);
        var wanted = new List<TopicSpecification>();
        foreach (var topic in topology.RepartitionTopics.Keys)
            wanted.Add(Specify(topic, partitions[topic], RepartitionSettings));
        foreach (var subtopology in topology.Subtopologies)
        {
            foreach (var store in subtopology.Stores.Where(s => s.Logged))
                wanted.Add(Specify(topology.Topics.Changelog(store.Name), tasks[subtopology.Id], store.ChangelogSettingsIn(config)));
        }

        foreach (var topic in wanted)
        {
            if (topic.Partitions > 0 && existing.TryGetValue(topic.Name, out var actual) && actual != topic.Partitions)
            {
                throw new StreamsException(
                    $"Topic {topic.Name} has {actual} partitions and the topology needs {topic.Partitions}: an input's partitions were changed. " +
                    $"Reset application '{config.ApplicationId}': stop it, delete its -changelog and -repartition topics, and start it again.");
            }
        }

        // What only patterns feed that match nothing yet has no tasks, and needs no topics.
        var missing = wanted.Where(t => t.Partitions > 0 && !existing.ContainsKey(t.Name)).ToList();
        if (missing.Count > 0)
        {
            await admin.CreateTopicsAsync(missing, cancellation).ConfigureAwait(false);
            TopicsCreated(config.ApplicationId, string.Join(", ", missing.Select(t => $"{t.Name} ({t.Partitions})")));
        }

        string[] topics = [.. topology.SourceTopics.Where(t => partitions[t] > 0)];
        foreach (var topic in topology.GlobalTopics)
            partitions[topic] = existing[topic];
        return new(topics, partitions, topology.Topics.Matched);
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

    [LoggerMessage(1, LogLevel.Warning, "Application '{Application}' waits for Kafka: {Reason}. It looks again and again.")]
    private partial void Waiting(string application, string reason);

    [LoggerMessage(8, LogLevel.Information, "Application '{Application}' reads other topics now: new are {Added}, gone are {Removed}.")]
    private partial void InputsChanged(string application, string added, string removed);

    [LoggerMessage(2, LogLevel.Information, "Application '{Application}' created its topics: {Topics}.")]
    private partial void TopicsCreated(string application, string topics);
}
