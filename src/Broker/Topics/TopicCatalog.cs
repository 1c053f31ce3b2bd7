using System.Collections.Concurrent;
using System.Security.Cryptography;
using Broker.Log;
using Kafka.Protocol;
using Microsoft.Extensions.Logging;

namespace Broker.Topics;

/// <summary>All topics, what is known of them, and their logs. Changes take turns and are on disk before they are seen.</summary>
internal sealed partial class TopicCatalog : IDisposable
{
    private const string JournalFile = "metadata.journal";
    private const string PartitionsFolder = "partitions";
    private const string DeletingFolder = "deleting";
    private const string StrayFolder = "stray";

    /// <summary>Producer ids reserved with one write to the journal. A crash skips what is left of them.</summary>
    private const int ProducerIdBlock = 1000;

    /// <summary>Bytes of journal above which it is worth replacing by what still counts.</summary>
    private const int JournalBytesMax = 1 << 20;

    private readonly BrokerOptions _options;
    private readonly LogFlusher _flusher;
    private readonly BrokerMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly MetadataJournal _journal;
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, Topic> _byName = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<TopicId, Topic> _byId = new();
    private readonly Dictionary<string, string> _byCollisionKey = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Topic, int Partition), long> _logStarts = [];
    private int _partitionCount;
    private long _nextProducerId;
    private long _reservedProducerIds;
    private long _journalBytesAfterRewrite;

    private TopicCatalog(
        BrokerOptions options, MetadataJournal journal, LogFlusher flusher, BrokerMetrics metrics, TimeProvider time, ILogger logger)
    {
        _options = options;
        _journal = journal;
        _flusher = flusher;
        _metrics = metrics;
        _time = time;
        _logger = logger;
    }

    /// <summary>What clients know this broker's data by. The same for the life of the data folder.</summary>
    public string ClusterId { get; private set; } = "";

    public IEnumerable<Topic> Topics => _byName.Select(static pair => pair.Value);

    public int PartitionCount => Volatile.Read(ref _partitionCount);

    /// <summary>Reads the journal, recovers every partition and finishes deletions that were interrupted.</summary>
    public static TopicCatalog Open(BrokerOptions options, LogFlusher flusher, BrokerMetrics metrics, TimeProvider time, ILogger logger)
    {
        var journal = MetadataJournal.Open(Path.Combine(options.DataDirectory, JournalFile), out var changes);
        var catalog = new TopicCatalog(options, journal, flusher, metrics, time, logger);
        try
        {
            catalog.Recover(changes);
            return catalog;
        }
        catch
        {
            catalog.Dispose();
            throw;
        }
    }

    public Topic? Find(string name) => _byName.GetValueOrDefault(name);

    public Topic? Find(TopicId id) => _byId.GetValueOrDefault(id);

    public PartitionLog? FindPartition(string topic, int partition) => Find(topic)?.Partition(partition);

    /// <summary>Creates a topic.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="partitions">How many partitions; −1 for the broker's default.</param>
    /// <param name="overrides">Its own settings.</param>
    /// <param name="validateOnly">Only says whether it could be.</param>
    public CatalogResult Create(string name, int partitions, IReadOnlyDictionary<string, string> overrides, bool validateOnly = false)
    {
        if (TopicName.Fault(name) is { } nameFault)
            return CatalogResult.Refused(ErrorCode.InvalidTopic, nameFault);
        if (partitions == -1)
            partitions = _options.DefaultPartitions;
        if (partitions < 1)
            return CatalogResult.Refused(ErrorCode.InvalidPartitions, $"A topic has at least one partition, not {partitions}.");
        if (TopicSettings.Fault(overrides) is { } settingFault)
            return CatalogResult.Refused(ErrorCode.InvalidConfig, settingFault);

        lock (_gate)
        {
            if (_byCollisionKey.TryGetValue(TopicName.CollisionKey(name), out var existing))
            {
                return existing == name
                    ? CatalogResult.Refused(ErrorCode.TopicAlreadyExists, $"Topic '{name}' already exists.")
                    : CatalogResult.Refused(ErrorCode.InvalidTopic, $"Topic '{name}' differs from '{existing}' only in '.' and '_'.");
            }

            if (_partitionCount + partitions > _options.PartitionsMax)
                return TooManyPartitions(partitions);
            if (validateOnly)
                return CatalogResult.Done();

            var change = new TopicCreated(name, TopicId.New().ToString(), partitions, overrides);
            for (var i = 0; i < partitions; i++)
                MoveStrayAside(name, i);
            Write(change);
            var topic = OpenTopic(change);
            Register(topic);
            TopicMade(name, partitions);
            return CatalogResult.Done(topic);
        }
    }

    /// <summary>Deletes a topic and its records. Its files are gone when this returns, or after the next start.</summary>
    public CatalogResult Delete(string name)
    {
        lock (_gate)
        {
            if (Find(name) is not { } topic)
                return CatalogResult.Refused(ErrorCode.UnknownTopicOrPartition, $"There is no topic '{name}'.");
            Write(new TopicDeleted(name, topic.Id.ToString()));
            _byName.TryRemove(name, out _);
            _byId.TryRemove(topic.Id, out _);
            _byCollisionKey.Remove(TopicName.CollisionKey(name));
            _partitionCount -= topic.Partitions.Count;
            for (var i = 0; i < topic.Partitions.Count; i++)
            {
                _logStarts.Remove((name, i));
                topic.Partitions[i].Dispose();
                DeleteFolder(PartitionFolder(name, i));
            }

            TopicGone(name);
            return CatalogResult.Done(topic);
        }
    }

    /// <summary>Gives a topic more partitions.</summary>
    /// <param name="name">The topic.</param>
    /// <param name="count">How many it has afterwards.</param>
    /// <param name="validateOnly">Only says whether it could be.</param>
    public CatalogResult AddPartitions(string name, int count, bool validateOnly = false)
    {
        lock (_gate)
        {
            if (Find(name) is not { } topic)
                return CatalogResult.Refused(ErrorCode.UnknownTopicOrPartition, $"There is no topic '{name}'.");
            var had = topic.Partitions.Count;
            if (count <= had)
                return CatalogResult.Refused(ErrorCode.InvalidPartitions, $"Topic '{name}' has {had} partitions already; they can only become more than that.");
            if (_partitionCount + count - had > _options.PartitionsMax)
                return TooManyPartitions(count - had);
            if (validateOnly)
                return CatalogResult.Done(topic);

            for (var i = had; i < count; i++)
                MoveStrayAside(name, i);
            Write(new PartitionsAdded(name, count));
            topic.Add(OpenPartitions(name, had, count, topic.Config));
            _partitionCount += count - had;
            return CatalogResult.Done(topic);
        }
    }

    /// <summary>Replaces a topic's own settings by what <paramref name="change"/> makes of them.</summary>
    public CatalogResult Configure(
        string name, Func<IReadOnlyDictionary<string, string>, IReadOnlyDictionary<string, string>> change, bool validateOnly = false)
    {
        lock (_gate)
        {
            if (Find(name) is not { } topic)
                return CatalogResult.Refused(ErrorCode.UnknownTopicOrPartition, $"There is no topic '{name}'.");
            var overrides = change(topic.Overrides);
            if (TopicSettings.Fault(overrides) is { } fault)
                return CatalogResult.Refused(ErrorCode.InvalidConfig, fault);
            if (validateOnly)
                return CatalogResult.Done(topic);
            Write(new OverridesSet(name, overrides));
            topic.Configure(overrides, TopicSettings.Resolve(overrides, _options));
            return CatalogResult.Done(topic);
        }
    }

    /// <summary>Deletes a partition's records before <paramref name="offset"/>, which is at most its high watermark.</summary>
    public void DeleteRecords(string name, int partition, long offset)
    {
        lock (_gate)
        {
            if (FindPartition(name, partition) is not { } log || offset <= log.LogStartOffset)
                return;
            // On disk first: a start that had forgotten would bring the records back.
            _logStarts[(name, partition)] = offset;
            Write(new LogStartMoved(name, partition, offset));
            log.DeleteBefore(offset);
        }
    }

    /// <summary>A producer id that was never given out before.</summary>
    public long TakeProducerId()
    {
        lock (_gate)
        {
            if (_nextProducerId == _reservedProducerIds)
            {
                Write(new ProducerIdsReserved(_reservedProducerIds + ProducerIdBlock));
                _reservedProducerIds += ProducerIdBlock;
            }

            return _nextProducerId++;
        }
    }

    /// <summary>Flushes and closes all logs, each vouched for.</summary>
    public void Close()
    {
        Parallel.ForEach(Topics.SelectMany(static topic => topic.Partitions), static log => log.Close());
        Dispose();
    }

    /// <summary>Lets go of all files as they are.</summary>
    public void Dispose()
    {
        foreach (var log in Topics.SelectMany(static topic => topic.Partitions))
            log.Dispose();
        _journal.Dispose();
    }

    private void Recover(IReadOnlyList<MetadataChange> changes)
    {
        var topics = new Dictionary<string, TopicCreated>(StringComparer.Ordinal);
        var deleted = new HashSet<string>(StringComparer.Ordinal);
        foreach (var change in changes)
        {
            switch (change)
            {
                case ClusterNamed named:
                    ClusterId = named.ClusterId;
                    break;
                case TopicCreated created:
                    topics[created.Topic] = created;
                    deleted.Remove(created.Topic);
                    break;
                case TopicDeleted gone:
                    topics.Remove(gone.Topic);
                    deleted.Add(gone.Topic);
                    foreach (var partition in _logStarts.Keys.Where(key => key.Topic == gone.Topic).ToArray())
                        _logStarts.Remove(partition);
                    break;
                case PartitionsAdded more:
                    topics[more.Topic] = topics[more.Topic] with { Partitions = more.Partitions };
                    break;
                case OverridesSet set:
                    topics[set.Topic] = topics[set.Topic] with { Overrides = set.Overrides };
                    break;
                case LogStartMoved moved:
                    _logStarts[(moved.Topic, moved.Partition)] = moved.Offset;
                    break;
                case ProducerIdsReserved reserved:
                    (_nextProducerId, _reservedProducerIds) = (reserved.Until, reserved.Until);
                    break;
            }
        }

        FinishDeletions(topics, deleted);
        foreach (var topic in topics.Values)
            Register(OpenTopic(topic));

        if (ClusterId.Length == 0)
        {
            ClusterId = TopicId.New().ToString();
            Write(new ClusterNamed(ClusterId));
        }
        else if (_journal.Length > JournalBytesMax)
        {
            RewriteJournal();
        }
    }

    private Topic OpenTopic(TopicCreated created)
    {
        if (!TopicId.TryParse(created.Id, out var id))
            throw new InvalidDataException($"The metadata journal gives topic '{created.Topic}' the id '{created.Id}', which is none.");
        var config = TopicSettings.Resolve(created.Overrides, _options);
        return new(created.Topic, id, created.Overrides, config, OpenPartitions(created.Topic, 0, created.Partitions, config));
    }

    private PartitionLog[] OpenPartitions(string topic, int from, int until, LogConfig config)
    {
        var logs = new PartitionLog[until - from];
        Parallel.For(from, until, i =>
        {
            var folder = LogFolder.Open(PartitionFolder(topic, i), _options.ProducersPerPartitionMax, _time, _logger);
            var start = _logStarts.GetValueOrDefault((topic, i));
            logs[i - from] = new(folder, config, start, _flusher, _metrics, _time, _logger);
        });
        return logs;
    }

    private void Register(Topic topic)
    {
        _byName[topic.Name] = topic;
        _byId[topic.Id] = topic;
        _byCollisionKey[TopicName.CollisionKey(topic.Name)] = topic.Name;
        _partitionCount += topic.Partitions.Count;
    }

    private void Write(MetadataChange change)
    {
        // Checked before the change is added, when memory and journal say the same.
        if (_journal.Length > Math.Max(JournalBytesMax, 2 * _journalBytesAfterRewrite))
            RewriteJournal();
        _journal.Append(change);
    }

    private void RewriteJournal()
    {
        _journal.Rewrite(
        [
            new ClusterNamed(ClusterId),
            new ProducerIdsReserved(_reservedProducerIds),
            .. Topics.Select(topic => new TopicCreated(topic.Name, topic.Id.ToString(), topic.Partitions.Count, topic.Overrides)),
            .. _logStarts.Select(start => new LogStartMoved(start.Key.Topic, start.Key.Partition, start.Value)),
        ]);
        _journalBytesAfterRewrite = _journal.Length;
    }

    private string PartitionFolder(string topic, int partition) =>
        Path.Combine(_options.DataDirectory, PartitionsFolder, $"{topic}-{partition}");

    private void FinishDeletions(Dictionary<string, TopicCreated> topics, HashSet<string> deleted)
    {
        var deleting = Path.Combine(_options.DataDirectory, DeletingFolder);
        if (Directory.Exists(deleting))
            Directory.Delete(deleting, recursive: true);

        var partitions = Directory.CreateDirectory(Path.Combine(_options.DataDirectory, PartitionsFolder));
        foreach (var folder in partitions.EnumerateDirectories())
        {
            var dash = folder.Name.LastIndexOf('-');
            var topic = dash > 0 ? folder.Name[..dash] : folder.Name;
            if (deleted.Contains(topic))
                DeleteFolder(folder.FullName);
            else if (!topics.ContainsKey(topic))
                StrayFound(folder.FullName);
        }
    }

    // The rename is one step; what it leaves, a later start removes.
    private void DeleteFolder(string folder)
    {
        var deleting = Directory.CreateDirectory(Path.Combine(_options.DataDirectory, DeletingFolder)).FullName;
        var doomed = Path.Combine(deleting, Convert.ToHexString(RandomNumberGenerator.GetBytes(8)));
        Directory.Move(folder, doomed);
        Directory.Delete(doomed, recursive: true);
    }

    // A folder that no topic owns, where one is to be made: someone put it there, so it is kept, elsewhere.
    private void MoveStrayAside(string topic, int partition)
    {
        var folder = PartitionFolder(topic, partition);
        if (!Directory.Exists(folder))
            return;
        var strays = Directory.CreateDirectory(Path.Combine(_options.DataDirectory, StrayFolder)).FullName;
        var aside = Path.Combine(strays, $"{topic}-{partition}.{Convert.ToHexString(RandomNumberGenerator.GetBytes(4))}");
        Directory.Move(folder, aside);
        StrayMoved(folder, aside);
    }

    private CatalogResult TooManyPartitions(int more) => CatalogResult.Refused(
        ErrorCode.PolicyViolation,
        $"{more} more partitions would make {_partitionCount + more}; this broker's limit is {_options.PartitionsMax} (PartitionsMax).");

    [LoggerMessage(1101, LogLevel.Information, "Created topic {Topic} with {Partitions} partitions.")]
    private partial void TopicMade(string topic, int partitions);

    [LoggerMessage(1102, LogLevel.Information, "Deleted topic {Topic}.")]
    private partial void TopicGone(string topic);

    [LoggerMessage(1103, LogLevel.Warning, "No topic owns the folder {Folder}; it is left alone.")]
    private partial void StrayFound(string folder);

    [LoggerMessage(1104, LogLevel.Warning, "No topic owned the folder {Folder}; it was moved to {Aside} to make room for a new one.")]
    private partial void StrayMoved(string folder, string aside);
}
