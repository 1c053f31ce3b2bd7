using Rd = Confluent.Kafka;

namespace Kafka.OnConfluent;

/// <summary>A consumer on Confluent.Kafka.</summary>
/// <remarks>
/// librdkafka calls back for a rebalance inside Consume, before it has made the new assignment its own: pauses that a listener asks
/// for there are remembered and applied once Consume returns, and seeks become the assignment's start offsets.
/// </remarks>
internal sealed class ConfluentConsumer : ILogConsumer
{
    private static readonly TimeSpan CloseLimit = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan LearnLimit = TimeSpan.FromSeconds(1);

    // A poll stops draining here, so that a lease stays of a size that memory can hold several of.
    private const long PollBytesMax = 16 << 20;

    private readonly ConsumerSettings _settings;
    private readonly ClientLog _log;
    private readonly TimeProvider _time;
    private readonly Rd.IConsumer<Slice, Slice> _consumer;
    private readonly GroupOffsets _offsets;
    private readonly TopicMetadataQuery _topics;
    private readonly PolledRecords _polled;
    private readonly HashSet<string> _learned = [];
    private readonly KafkaMetrics? _metrics;
    private readonly GroupWatch? _watch;
    private readonly BrokerWatch _brokers = new("consumer");

    private readonly HashSet<TopicPartition> _assignment = [];
    private readonly HashSet<TopicPartition> _paused = [];
    private readonly Dictionary<TopicPartition, long> _positions = [];

    // Partitions that have brought something since they were assigned: a record, or the mark of their end.
    private readonly HashSet<TopicPartition> _started = [];

    // Seeks still to be made. librdkafka takes one while it looks up where to start, and then starts there all the same: so a seek
    // waits for the first thing that the partition brings, which is dropped.
    private readonly Dictionary<TopicPartition, long> _seeks = [];

    private IGroupListener? _listener;
    private Dictionary<TopicPartition, long>? _startOffsets; // not null: inside an assignment
    private bool _rebalanced;
    private bool _closed;

    public ConfluentConsumer(KafkaSettings kafka, ConsumerSettings settings, ClientLog log, TimeProvider time, KafkaMetrics? metrics = null)
    {
        (_settings, _log, _time, _metrics) = (settings, log, time, metrics);
        _watch = metrics is null || settings.GroupId is null ? null : new GroupWatch(time);
        var arena = new RecordArena();
        _polled = new PolledRecords(arena);
        _consumer = new Rd.ConsumerBuilder<Slice, Slice>(ClientConfig.Consumer(kafka, settings, measured: _watch is not null))
            .SetKeyDeserializer(arena)
            .SetValueDeserializer(arena)
            .SetLogHandler((_, line) => log.OnLog(line))
            .SetErrorHandler((_, error) => log.OnError(error))
            .SetStatisticsHandler((_, report) => _brokers.Take(report))
            .SetPartitionsAssignedHandler((_, partitions) => Assigned(partitions))
            .SetPartitionsRevokedHandler((_, partitions) => Revoked(partitions, lost: false))
            .SetPartitionsLostHandler((_, partitions) => Revoked(partitions, lost: true))
            .Build();
        _offsets = new GroupOffsets(new NativeHandle(_consumer.Handle), settings.GroupId, log);
        _topics = new TopicMetadataQuery(_consumer.Handle);
        if (_watch is null)
            return;
        metrics!.Add(_watch);
        metrics.Add(_brokers);
    }

    /// <summary>Who this consumer is in its group, as of the last poll.</summary>
    public Rd.IConsumerGroupMetadata GroupMetadata => _consumer.ConsumerGroupMetadata;

    /// <inheritdoc/>
    public IReadOnlyCollection<TopicPartition> Assignment => _assignment;

    /// <inheritdoc/>
    public void Subscribe(IReadOnlyCollection<string> topics, IGroupListener listener)
    {
        ArgumentNullException.ThrowIfNull(listener);
        if (_settings.GroupId is null)
            throw new InvalidOperationException("Subscribing needs a group: set ConsumerSettings.GroupId.");

        _listener = listener;
        Call("Subscribing failed", () => _consumer.Subscribe(topics));
    }

    /// <inheritdoc/>
    public void Unsubscribe()
    {
        _listener = null;
        Call("Leaving the group failed", () =>
        {
            _consumer.Unsubscribe();
            _consumer.Unassign();
        });
        Forget();
    }

    /// <inheritdoc/>
    public void Assign(IReadOnlyCollection<(TopicPartition Partition, long Offset)> positions)
    {
        ArgumentNullException.ThrowIfNull(positions);
        if (_settings.GroupId is null && positions.Any(p => p.Offset == StartOffset.Committed))
            throw new InvalidOperationException("Starting from committed positions needs a group: set ConsumerSettings.GroupId.");

        LearnLeaders(positions.Select(p => p.Partition.Topic).Distinct());
        Call("Assigning partitions failed", () => _consumer.Assign(positions.Select(p => NativeAt(p.Partition, p.Offset))));
        Forget();
        foreach (var (partition, offset) in positions)
        {
            _assignment.Add(partition);
            if (offset >= 0)
                _positions[partition] = offset;
        }
    }

    /// <inheritdoc/>
    public FetchedRecords Poll(TimeSpan timeout, int recordsMax)
    {
        ObjectDisposedException.ThrowIf(_closed, typeof(ILogConsumer));
        ArgumentOutOfRangeException.ThrowIfLessThan(recordsMax, 1);
        if (_polled.Lent)
            throw new InvalidOperationException("The last poll's records are still lent out: dispose them first.");

        RetrySeeks();
        var start = _time.GetTimestamp();
        var wait = _polled.Count > 0 ? TimeSpan.Zero : timeout; // records are left from a poll that threw
        while (_polled.Count < recordsMax && _polled.Bytes < PollBytesMax)
        {
            var result = ConsumeOne(wait);
            if (_rebalanced)
                result = Settle(result);
            else if (result is null)
                break;

            // Nothing to wait for once there is a record, or a position moved without one: the caller wants to know.
            var something = result is not null && Take(result);
            if (something || _polled.Count > 0)
                wait = TimeSpan.Zero;
            else if ((wait = timeout - _time.GetElapsedTime(start)) < TimeSpan.Zero)
                wait = TimeSpan.Zero;
        }

        _polled.NotePositions(_positions, _started);
        if (_watch is not null)
            Watch(_watch);
        return _polled.Lend();
    }

    /// <inheritdoc/>
    public void Pause(IReadOnlyCollection<TopicPartition> partitions)
    {
        var fresh = partitions.Where(p => Known(p) && _paused.Add(p)).ToList();
        if (fresh.Count > 0 && _startOffsets is null)
            Call("Pausing failed", () => _consumer.Pause(fresh.Select(Native)));
    }

    /// <inheritdoc/>
    public void Resume(IReadOnlyCollection<TopicPartition> partitions)
    {
        // librdkafka rewinds a partition that is resumed without having been paused.
        var stopped = partitions.Where(p => Known(p) && _paused.Remove(p)).ToList();
        if (stopped.Count > 0 && _startOffsets is null)
            Call("Resuming failed", () => _consumer.Resume(stopped.Select(Native)));
    }

    /// <inheritdoc/>
    public void Seek(TopicPartition partition, long offset)
    {
        Known(partition);
        _seeks.Remove(partition);
        if (offset >= 0)
            _positions[partition] = offset;
        else
            _positions.Remove(partition);

        if (_startOffsets is not null)
            _startOffsets[partition] = offset;
        else if (!_started.Contains(partition) || !TrySeek(partition, offset))
            _seeks[partition] = offset;
    }

    /// <inheritdoc/>
    public long? Position(TopicPartition partition) => _positions.TryGetValue(partition, out var position) ? position : null;

    /// <inheritdoc/>
    public long? CachedEndOffset(TopicPartition partition)
    {
        try
        {
            var end = _consumer.GetWatermarkOffsets(Native(partition)).High.Value;
            return end >= 0 ? end : null;
        }
        catch (Rd.KafkaException)
        {
            // The partition is not one that this consumer fetches: nothing was heard of it.
            return null;
        }
    }

    /// <inheritdoc/>
    public void Commit(IReadOnlyCollection<CommittedOffset> offsets, TimeSpan timeout)
    {
        ArgumentNullException.ThrowIfNull(offsets);
        _offsets.Commit(offsets, timeout);
        _watch?.Committed(offsets);
    }

    /// <inheritdoc/>
    public IReadOnlyList<CommittedOffset> Committed(IReadOnlyCollection<TopicPartition> partitions, TimeSpan timeout)
    {
        ArgumentNullException.ThrowIfNull(partitions);
        var committed = _offsets.Committed(partitions, timeout);
        _watch?.Committed(committed);
        return committed;
    }

    /// <inheritdoc/>
    public (long Start, long End) Watermarks(TopicPartition partition, TimeSpan timeout)
    {
        try
        {
            var offsets = _consumer.QueryWatermarkOffsets(Native(partition), timeout);
            return (offsets.Low.Value, offsets.High.Value);
        }
        catch (Rd.KafkaException e)
        {
            throw KafkaErrors.From(e.Error, $"The first and end offset of {partition} are not known from {_log.Servers}", _log.LastTrouble, e);
        }
    }

    /// <summary>Leaves the group within 5 seconds. The listener is not called: who closes a consumer knows.</summary>
    public void Dispose()
    {
        if (_closed)
            return;

        _closed = true;
        if (_watch is not null)
            _metrics?.Remove(_watch);
        _metrics?.Remove(_brokers);
        _listener = null;

        // A coordinator that is gone can hold librdkafka's close for long; what is left of it then is a thread, not a promise.
        var closing = BlockingCalls.RunAsync(() =>
        {
            _consumer.Close();
            _consumer.Dispose();
        });
        if (!closing.Wait(CloseLimit))
            _log.SlowToClose("consumer", CloseLimit);
    }

    /// <summary>One record, an end-of-partition mark, or null where there is nothing in time. Errors that pass are logged within.</summary>
    private Rd.ConsumeResult<Slice, Slice>? ConsumeOne(TimeSpan wait)
    {
        try
        {
            return _consumer.Consume(wait);
        }
        catch (Rd.ConsumeException e)
        {
            switch (e.Error.Code)
            {
                case Rd.ErrorCode.UnknownTopicOrPart or Rd.ErrorCode.Local_UnknownTopic or Rd.ErrorCode.Local_UnknownPartition:
                    _log.TopicMissing(e.Error.Reason);
                    return null;
                case Rd.ErrorCode.Local_MaxPollExceeded:
                    _log.PolledTooLate(_settings.GroupId, e.Error.Reason);
                    return null;
            }

            if (KafkaErrors.KindOf(e.Error) == KafkaErrorKind.Retriable)
            {
                _log.Retrying("fetch", e.Error.Reason);
                return null;
            }

            throw KafkaErrors.From(e.Error, $"Reading {e.ConsumerRecord?.TopicPartitionOffset} failed", _log.LastTrouble, e);
        }
        catch (Rd.KafkaException e)
        {
            throw KafkaErrors.From(e.Error, $"Reading from {_log.Servers} failed", _log.LastTrouble, e);
        }
    }

    /// <summary>Adds a record, or notes an end-of-partition mark.</summary>
    /// <returns>Whether that moved the partition's position.</returns>
    private bool Take(Rd.ConsumeResult<Slice, Slice> result)
    {
        if (!result.IsPartitionEOF)
        {
            if (_seeks.Count > 0 && IsBeforeSeek(new TopicPartition(result.Topic, result.Partition.Value)))
                return false;

            _polled.Add(result);
            return true;
        }

        // The mark's offset is where the fetcher stands: behind the last record there may be a transaction's marker or a gap.
        var partition = new TopicPartition(result.Topic, result.Partition.Value);
        if (IsBeforeSeek(partition) || _polled.TryPass(partition, result.Offset.Value))
            return false;

        _started.Add(partition);

        var moved = !_positions.TryGetValue(partition, out var position) || position != result.Offset.Value;
        _positions[partition] = result.Offset.Value;
        return moved;
    }

    /// <summary>Whether what came is from before a seek that is still to be made; makes it then.</summary>
    private bool IsBeforeSeek(TopicPartition partition)
    {
        if (!_seeks.TryGetValue(partition, out var offset))
            return false;

        _started.Add(partition);
        if (TrySeek(partition, offset))
            _seeks.Remove(partition);
        return true;
    }

    /// <summary>Does what a listener asked for inside a rebalance.</summary>
    private Rd.ConsumeResult<Slice, Slice>? Settle(Rd.ConsumeResult<Slice, Slice>? result)
    {
        _rebalanced = false;
        if (_paused.Count == 0)
            return result;

        Call("Pausing failed", () => _consumer.Pause(_paused.Select(Native)));
        if (result is null || !_paused.Contains(new TopicPartition(result.Topic, result.Partition.Value)))
            return result;

        // It slipped out between the assignment and the pause: back to it.
        var partition = new TopicPartition(result.Topic, result.Partition.Value);
        _started.Add(partition);
        if (!TrySeek(partition, result.Offset.Value))
            _seeks[partition] = result.Offset.Value;
        return null;
    }

    private List<Rd.TopicPartitionOffset> Assigned(List<Rd.TopicPartition> partitions)
    {
        Forget();
        _metrics?.Rebalanced();
        foreach (var partition in partitions)
            _assignment.Add(new TopicPartition(partition.Topic, partition.Partition.Value));

        _rebalanced = true;
        _startOffsets = [];
        try
        {
            _listener?.OnAssigned([.. _assignment]);
            return [.. _assignment.Select(p => NativeAt(p, _startOffsets.GetValueOrDefault(p, StartOffset.Committed)))];
        }
        finally
        {
            _startOffsets = null;
        }
    }

    private void Revoked(List<Rd.TopicPartitionOffset> partitions, bool lost)
    {
        // What this poll has taken so far is not processed yet and goes to others.
        _polled.Clear();
        TopicPartition[] gone = [.. partitions.Select(p => new TopicPartition(p.Topic, p.Partition.Value))];
        if (lost)
            _listener?.OnLost(gone);
        else
            _listener?.OnRevoked(gone);

        _rebalanced = true;
        Forget();
    }

    // librdkafka looks up where "earliest" is half a second later if it does not know the leader when it is asked to start there.
    private void LearnLeaders(IEnumerable<string> topics)
    {
        foreach (var topic in topics.Where(t => !_learned.Contains(t)))
        {
            try
            {
                _topics.Ask(topic, LearnLimit);
                _learned.Add(topic);
            }
            catch (Rd.KafkaException e)
            {
                _log.Retrying($"look-up of {topic}'s leaders", e.Error.Reason);
                return; // the fetcher keeps looking
            }
        }
    }

    private void RetrySeeks()
    {
        if (_seeks.Count == 0)
            return;

        foreach (var (partition, offset) in _seeks.ToArray())
        {
            if (_started.Contains(partition) && TrySeek(partition, offset))
                _seeks.Remove(partition);
        }
    }

    private bool TrySeek(TopicPartition partition, long offset)
    {
        try
        {
            _consumer.Seek(NativeAt(partition, offset));
            return true;
        }
        catch (Rd.KafkaException e) when (e.Error.Code is Rd.ErrorCode.Local_State or Rd.ErrorCode.Local_TimedOut)
        {
            return false;
        }
        catch (Rd.KafkaException e)
        {
            throw KafkaErrors.From(e.Error, $"Seeking {partition} to {offset} failed", _log.LastTrouble, e);
        }
    }

    private void Forget()
    {
        _watch?.Forget();
        _assignment.Clear();
        _paused.Clear();
        _positions.Clear();
        _started.Clear();
        _seeks.Clear();
    }

    // Not after each poll: asking for the ends of many partitions takes its time.
    private void Watch(GroupWatch watch)
    {
        for (var run = 0; run < _polled.RunCount; run++)
            watch.Read(_polled.Partition(run), _polled.Record(run, _polled.RunLength(run) - 1).TimestampMs);
        if (watch.IsDue)
            watch.Look(_positions, _assignment.Count, CachedEndOffset);
    }

    private bool Known(TopicPartition partition) =>
        _assignment.Contains(partition) ? true : throw new InvalidOperationException($"{partition} is not assigned to this consumer.");

    private void Call(string what, Action call)
    {
        try
        {
            call();
        }
        catch (Rd.KafkaException e)
        {
            throw KafkaErrors.From(e.Error, what, _log.LastTrouble, e);
        }
    }

    private static Rd.TopicPartition Native(TopicPartition partition) => new(partition.Topic, partition.Partition);

    private static Rd.TopicPartitionOffset NativeAt(TopicPartition partition, long offset) =>
        new(partition.Topic, partition.Partition, new Rd.Offset(offset));
}
