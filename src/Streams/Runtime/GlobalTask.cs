using System.Collections.Concurrent;
using Kafka;
using Streams.Processing;
using Streams.Query;

namespace Streams.Runtime;

/// <summary>
/// The global stores of an application, fed by all partitions of their topics. No record waits: each goes through at once. The topics are the
/// stores' changelogs, so nothing is produced or committed; at a start all is read again, into stores that are empty: what a row's deletion left out of a
/// compacted topic would else stay for ever.
/// </summary>
/// <remarks>Owned by one thread, which takes <see cref="Gate"/> to write. Tasks read through <see cref="ReadOnlyStores"/>, queries as they read tasks.</remarks>
internal sealed class GlobalTask : IStoreOwner
{
    /// <summary>The id that Kafka Streams gives it too.</summary>
    public static readonly TaskId Id = new(-1, -1);

    // All is read again at a start, so that none is of use.
    private static readonly Dictionary<TopicPartition, long> _noOffsets = [];

    private readonly TaskGraph _graph;
    private readonly Dictionary<TopicPartition, RecordQueue> _queues = [];
    private readonly QueueOrder _order = new();

    // What fills each store.
    private readonly Dictionary<string, string> _topics = [];

    // Queries read it.
    private readonly ConcurrentDictionary<string, long> _lags = new();
    private bool _isReady;

    public GlobalTask(Subtopology stores, InternalTopics topics, TaskContext context)
    {
        _graph = new(stores, topics, context);
        foreach (var processor in stores.Nodes.Where(n => !n.IsSource))
        {
            foreach (var store in processor.Stores)
                _topics.TryAdd(store, stores.Nodes.First(n => n.Name == processor.Parents[0]).SourceTopics[0]);
        }

        var builders = stores.Stores.ToDictionary(s => s.Name);
        ReadOnlyStores = [.. Stores.Select(s => builders[s.Name].ReadOnly is { } readOnly ? readOnly(s, Gate) : s)];
        _graph.Init();
    }

    TaskId IStoreOwner.Id => Id;

    public StateGate Gate { get; } = new();

    public OpenScans Scans { get; } = new();

    public IReadOnlyList<IStateStore> Stores => _graph.Stores;

    /// <summary>The stores as every task sees them.</summary>
    public IReadOnlyList<IStateStore> ReadOnlyStores { get; }

    /// <summary>Whether everything that the topics held at the start is in the stores.</summary>
    public bool IsReady
    {
        get => Volatile.Read(ref _isReady);
        set => Volatile.Write(ref _isReady, value);
    }

    public TaskContext Context => _graph.Context;

    /// <summary>Records that were dropped so far.</summary>
    public long Dropped => Context.Dropped;

    public IEnumerable<string> Topics => _graph.Sources.Keys;

    /// <summary>Whether so much waits in a store on disk that <see cref="Flush"/> should come soon.</summary>
    public bool FlushRequested => _graph.Context.CommitRequested;

    /// <summary>Tells how many records of <paramref name="topic"/> are still to be read until its store holds what the topic held at the start.</summary>
    public void ReportLag(string topic, long records) => _lags[topic] = records;

    public long Lag(string store) => _lags.GetValueOrDefault(_topics[store]);

    public void Process(TopicPartition partition, in RecordView record)
    {
        if (!_queues.TryGetValue(partition, out var queue))
            _queues.Add(partition, queue = _graph.Sources[partition.Topic].CreateQueue(partition, _graph.Context, _order));

        queue.Add(in record);
        while (queue.Count > 0)
            queue.ProcessHead();
    }

    public void Flush()
    {
        _graph.Context.CommitRequested = false;
        foreach (var store in _graph.Stores)
            store.Flush();
        foreach (var storage in _graph.Storages)
            storage.Commit(_noOffsets);
    }

    public void Close()
    {
        IsReady = false;
        Scans.End();
        _graph.CloseNodes();
        foreach (var store in _graph.Stores)
            store.Close();
        foreach (var storage in _graph.Storages)
            storage.Dispose();
    }
}
