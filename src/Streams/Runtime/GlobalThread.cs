using Kafka;
using Microsoft.Extensions.Logging;
using Streams.Processing;
using Streams.State;

namespace Streams.Runtime;

/// <summary>
/// One thread for all global stores of an instance. It reads every partition of their topics, in no group: first up to the ends that they had at the
/// start, which <see cref="Loaded"/> waits for, then whatever comes.
/// </summary>
internal sealed partial class GlobalThread : IDisposable
{
    // Records under one hold of the gate: how long a task may have to wait for a read.
    private const int BatchRecords = 100;

    private static readonly TimeSpan AskTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    private readonly ThreadParts _parts;
    private readonly ILogger _logger;
    private readonly GlobalTask _task;
    private readonly ILogConsumer _consumer;
    private readonly ILogProducer _producer;
    private readonly RecordCollector _collector;
    private readonly Dictionary<TopicPartition, (long Start, long End)> _bounds = [];
    private readonly TaskCompletionSource _loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _records;
    private long _flushedAt;
    private bool _changed;

    public GlobalThread(ThreadParts parts, Subtopology stores, CancellationToken abort)
    {
        (_parts, _logger) = (parts, parts.Logger);
        var config = parts.Config;

        // Only dead letters are ever sent from here.
        _producer = parts.Client.CreateProducer(config.Producer);
        _collector = new(_producer, null, parts.Time, abort);
        _consumer = parts.Client.CreateConsumer(new ConsumerSettings
        {
            GroupId = null,
            AutoOffsetReset = StartOffset.Earliest,
            ReadCommitted = true,
            PrefetchBytesMax = config.Consumer.PrefetchBytesMax,
        });
        var context = new TaskContext(GlobalTask.Id, config.ApplicationId, _collector, new(config, _collector.Wait, parts.Logger), parts.Time)
        {
            DefaultTimestampExtractor = config.DefaultTimestampExtractor,
            State = StateSettings.Of(config),
            StoreTimes = parts.Metrics,
        };
        try
        {
            _task = new(stores, parts.Topology.Topics, context);
        }
        catch
        {
            CloseClients();
            throw;
        }

        _flushedAt = parts.Time.GetTimestamp();
    }

    /// <summary>The stores, for queries.</summary>
    public IStoreOwner Owner => _task;

    /// <summary>The stores, for tasks.</summary>
    public IReadOnlyList<IStateStore> ReadOnlyStores => _task.ReadOnlyStores;

    /// <summary>Ends when the stores hold what their topics held at the start; never where <see cref="Run"/> ends before.</summary>
    public Task Loaded => _loaded.Task;

    /// <summary>Fills the stores and keeps them up to date until <paramref name="stop"/>. Kafka out of reach is waited out and logged.</summary>
    /// <exception cref="OperationCanceledException">It was stopped, or cut off, while it waited.</exception>
    /// <exception cref="StreamsException">A record failed, or Kafka refuses to answer: the stores can no longer be trusted.</exception>
    public void Run(CancellationToken stop)
    {
        try
        {
            Begin(stop);
            while (!stop.IsCancellationRequested)
                RunOnce();
            Flush();
        }
        catch (Exception error) when (error is not (StreamsException or OperationCanceledException))
        {
            throw new StreamsException(
                $"The global stores of application '{_parts.Config.ApplicationId}' cannot be kept up to date: {error.Message}", error);
        }
    }

    /// <summary>Closes the stores. After all tasks, which may read them to their ends.</summary>
    public void Dispose()
    {
        using (_task.Gate.EnterToWrite())
            _task.Close();
        CloseClients();
    }

    private void CloseClients()
    {
        _consumer.Dispose();
        _producer.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    private void Begin(CancellationToken stop)
    {
        var counts = _parts.Inputs.Current.PartitionCounts;
        foreach (var topic in _task.Topics)
        {
            for (var partition = 0; partition < counts[topic]; partition++)
            {
                var bounds = Ask(new(topic, partition), stop);
                _bounds.Add(new(topic, partition), bounds);
                LoadStarted(_parts.Config.ApplicationId, new(topic, partition), bounds.Start, bounds.End);
            }
        }

        _consumer.Assign([.. _bounds.Select(b => (b.Key, b.Value.Start))]);
        NoteLoaded();
    }

    private (long Start, long End) Ask(TopicPartition partition, CancellationToken stop)
    {
        for (var isFirst = true; ; isFirst = false)
        {
            try
            {
                return _consumer.Watermarks(partition, AskTimeout);
            }
            catch (KafkaException error) when (error.Kind == KafkaErrorKind.Retriable)
            {
                if (isFirst)
                    LoadPaused(_parts.Config.ApplicationId, error.Message);
                Task.Delay(RetryPause, _parts.Time, stop).GetAwaiter().GetResult();
            }
        }
    }

    private void RunOnce()
    {
        using (var records = _consumer.Poll(_parts.Config.PollTimeout, _parts.Config.PollRecordsMax))
        {
            for (var run = 0; run < records.RunCount; run++)
                Process(records, run);
            _parts.Metrics.Dropped(_task.Context);
            _changed |= records.Count > 0;
            _records += records.Count;
        }

        if (!_task.IsReady)
            NoteLoaded();
        if (_changed && (_task.FlushRequested || _parts.Time.GetElapsedTime(_flushedAt) >= _parts.Config.CommitInterval))
            Flush();
    }

    private void Process(FetchedRecords records, int run)
    {
        var partition = records.Partition(run);
        var length = records.RunLength(run);
        for (var from = 0; from < length; from += BatchRecords)
        {
            using var gate = _task.Gate.EnterToWrite();
            for (var i = from; i < Math.Min(length, from + BatchRecords); i++)
            {
                _task.Process(partition, records.Record(run, i));
                _task.Gate.LetReadersIn();
            }
        }
    }

    // Positions, not records: the last offsets of a topic may be control records, or compacted away.
    private void NoteLoaded()
    {
        var lacking = 0L;
        foreach (var topic in _task.Topics)
        {
            var lag = _bounds.Where(b => b.Key.Topic == topic).Sum(b => Math.Max(0, b.Value.End - (_consumer.Position(b.Key) ?? b.Value.Start)));
            _task.ReportLag(topic, lag);
            lacking += lag;
        }

        if (lacking > 0)
            return;

        Flush();
        _task.IsReady = true;
        LoadEnded(_parts.Config.ApplicationId, _records);
        _loaded.TrySetResult();
    }

    private void Flush()
    {
        _flushedAt = _parts.Time.GetTimestamp();
        _changed = false;
        using (_task.Gate.EnterToWrite())
            _task.Flush();
        _collector.Flush();
    }

    [LoggerMessage(50, LogLevel.Information, "Application '{Application}' loads a global store from {Partition}, offsets {Start} to {End}.")]
    private partial void LoadStarted(string application, TopicPartition partition, long start, long end);

    [LoggerMessage(51, LogLevel.Information, "Application '{Application}' loaded its global stores: {Records} records.")]
    private partial void LoadEnded(string application, long records);

    [LoggerMessage(52, LogLevel.Warning, "Application '{Application}' waits for Kafka to load its global stores: {Reason} Trying on.")]
    private partial void LoadPaused(string application, string reason);
}
