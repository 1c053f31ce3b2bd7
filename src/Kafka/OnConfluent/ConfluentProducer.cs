using Rd = Confluent.Kafka;

namespace Kafka.OnConfluent;

/// <summary>A producer on Confluent.Kafka: bounded by <see cref="InFlight"/>, batched and sent by librdkafka.</summary>
internal sealed class ConfluentProducer : ILogProducer
{
    private static readonly TimeSpan CloseLimit = TimeSpan.FromSeconds(5);

    // How long librdkafka may hold a thread before we look whether the caller still waits.
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(100);

    private readonly ProducerSettings _settings;
    private readonly ClientLog _log;
    private readonly TransactionCalls _transactions;
    private readonly Rd.IProducer<byte[], byte[]> _producer;
    private readonly NativeHandle _native;
    private readonly PartitionCounts _counts;
    private readonly InFlight _inFlight;
    private readonly KafkaMetrics? _metrics;
    private readonly BrokerWatch _brokers = new("producer");

    // Reused for every record: the library copies what they hold before Produce returns.
    private readonly Rd.Message<byte[], byte[]> _message = new();
    private readonly ExactArrays _keys = new();
    private readonly ExactArrays _values = new();
    private readonly Dictionary<TopicPartition, Target> _targets = [];
    private int _closed;

    public ConfluentProducer(KafkaSettings kafka, ProducerSettings settings, ClientLog log, TimeProvider time, KafkaMetrics? metrics = null)
    {
        (_settings, _log, _metrics) = (settings, log, metrics);
        _inFlight = new InFlight(settings.BufferBytesMax, log, time, metrics);
        _producer = new Rd.ProducerBuilder<byte[], byte[]>(ClientConfig.Producer(kafka, settings, measured: metrics is not null))
            .SetKeySerializer(Rd.Serializers.ByteArray)
            .SetValueSerializer(Rd.Serializers.ByteArray)
            .SetLogHandler((_, line) => log.OnLog(line))
            .SetErrorHandler((_, error) => OnError(error))
            .SetStatisticsHandler((_, report) => _brokers.Take(report))
            .Build();
        _native = new NativeHandle(_producer.Handle);
        _counts = new PartitionCounts(new TopicMetadataQuery(_producer.Handle).Ask, log, time);
        _transactions = new TransactionCalls(_producer, log, time);
        metrics?.Add(_inFlight);
        metrics?.Add(_brokers);
    }

    /// <inheritdoc/>
    public bool TryAppend(scoped in OutgoingRecord record, Delivery? delivery = null)
    {
        ThrowIfClosed();
        var bytes = SizeOf(record);
        if (bytes > _settings.RecordBytesMax)
        {
            throw new KafkaException(
                KafkaErrorKind.Refused,
                (int)Rd.ErrorCode.MsgSizeTooLarge,
                $"A record of {bytes} bytes for topic {record.Topic} is over the producer's limit of {_settings.RecordBytesMax} (RecordBytesMax).");
        }

        _inFlight.ThrowIfFatal();
        var target = TargetOf(record.Topic, record.Partition);
        var pending = _inFlight.TryTake(bytes + InFlight.RecordOverheadBytes, record.Topic, delivery, target.End, target.Tally);
        if (pending is null)
            return false;

        try
        {
            _message.Key = record.HasKey ? _keys.Copy(record.Key) : null!;
            _message.Value = record.HasValue ? _values.Copy(record.Value) : null!;
            _message.Timestamp = record.TimestampMs is { } ms ? new Rd.Timestamp(ms, Rd.TimestampType.CreateTime) : Rd.Timestamp.Default;
            _message.Headers = record.Headers.IsEmpty ? null : HeadersOf(record.Headers);
            _producer.Produce(target.Partition, _message, pending.Answered);
            return true;
        }
        catch (Rd.KafkaException e)
        {
            _inFlight.PutBack(pending);
            if (e.Error.Code == Rd.ErrorCode.Local_QueueFull)
            {
                _inFlight.RefusedByLibrary();
                return false;
            }

            throw KafkaErrors.From(e.Error, $"A record for topic {record.Topic} was not taken", _log.LastTrouble, e);
        }
        catch (ArgumentException)
        {
            // A timestamp that Kafka cannot hold.
            _inFlight.PutBack(pending);
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask WaitForRoomAsync(CancellationToken cancellation)
    {
        ThrowIfClosed();
        return _inFlight.WaitForRoomAsync(cancellation);
    }

    /// <inheritdoc/>
    public async Task FlushAsync(CancellationToken cancellation)
    {
        ThrowIfClosed();
        var whole = _inFlight.SealFlight();
        if (!whole.IsCompleted)
            await PushOutAsync(whole, cancellation).ConfigureAwait(false);
        if (_inFlight.TakeUntrackedFailure() is { } failure)
            throw failure;
    }

    /// <inheritdoc/>
    public long? AcknowledgedEnd(TopicPartition partition) => _targets.TryGetValue(partition, out var target) ? target.End?.Next : null;

    /// <inheritdoc/>
    public int PartitionCount(string topic)
    {
        ThrowIfClosed();
        return _counts.Get(topic);
    }

    /// <inheritdoc/>
    public Task InitTransactionsAsync(CancellationToken cancellation) => _transactions.InitAsync(cancellation);

    /// <inheritdoc/>
    public void BeginTransaction() => _transactions.Begin();

    /// <inheritdoc/>
    public Task SendOffsetsToTransactionAsync(IReadOnlyCollection<CommittedOffset> offsets, ILogConsumer consumer, CancellationToken cancellation)
    {
        var member = consumer as ConfluentConsumer
            ?? throw new ArgumentException($"The consumer is a {consumer?.GetType().Name}; it must come from the same kind of client as the producer.", nameof(consumer));
        return _transactions.SendOffsetsAsync(offsets, member.GroupMetadata, cancellation);
    }

    /// <inheritdoc/>
    public async Task CommitTransactionAsync(CancellationToken cancellation)
    {
        await _transactions.CommitAsync(cancellation).ConfigureAwait(false);
        if (_inFlight.TakeUntrackedFailure() is { } failure)
            throw failure;
    }

    /// <inheritdoc/>
    public async Task AbortTransactionAsync(CancellationToken cancellation)
    {
        await _transactions.AbortAsync(cancellation).ConfigureAwait(false);

        // What was dropped with the transaction was dropped on purpose.
        _inFlight.TakeUntrackedFailure();
    }

    /// <summary>Sends what is appended for at most 5 seconds, then fails the rest.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _closed, 1) == 1)
            return;

        _metrics?.Remove(_inFlight);
        _metrics?.Remove(_brokers);

        using (var limit = new CancellationTokenSource(CloseLimit))
        {
            var whole = _inFlight.SealFlight();
            if (!whole.IsCompleted)
                await PushOutAsync(whole, limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        // The library's Dispose joins its threads.
        await BlockingCalls.RunAsync(_producer.Dispose).ConfigureAwait(false);

        var given = _inFlight.FailAll(new KafkaException(
            KafkaErrorKind.Retriable, KafkaErrors.Closed, $"The producer was closed before Kafka at {_log.Servers} acknowledged the record.{_log.LastTrouble}"));
        if (given > 0)
            _log.GaveUp(given, CloseLimit);
    }

    // librdkafka sends at once, without linger, as long as a flush runs.
    private async Task PushOutAsync(Task whole, CancellationToken cancellation)
    {
        await BlockingCalls.RunAsync(
            () =>
            {
                while (!whole.IsCompleted && !cancellation.IsCancellationRequested && _producer.Flush(Slice) > 0)
                {
                }
            },
            cancellation).ConfigureAwait(false);
        await whole.WaitAsync(cancellation).ConfigureAwait(false);
    }

    // After a fatal error librdkafka sends nothing more but keeps what it holds until it times out, which may be never.
    private void OnError(Rd.Error error)
    {
        _log.OnError(error);
        if (!error.IsFatal)
            return;

        _inFlight.BecomeFatal(KafkaErrors.From(error, $"The producer for {_log.Servers} is beyond use"));
        _native.Call(client => NativeCalls.Purge(client, NativeCalls.PurgeAll));
    }

    private Target TargetOf(string topic, int? partition)
    {
        var key = new TopicPartition(topic, partition ?? Rd.Partition.Any.Value);
        if (!_targets.TryGetValue(key, out var target))
        {
            _targets.Add(key, target = new(new Rd.TopicPartition(topic, key.Partition), partition is null ? null : new PartitionEnd(), _metrics?.TallyOf(topic)));
            _counts.Prefetch(topic);
        }

        return target;
    }

    private static Rd.Headers HeadersOf(ReadOnlySpan<RecordHeader> headers)
    {
        var copy = new Rd.Headers();
        foreach (var header in headers)
            copy.Add(header.Key, header.Value);
        return copy;
    }

    private static long SizeOf(scoped in OutgoingRecord record)
    {
        long bytes = (record.HasKey ? record.Key.Length : 0) + (record.HasValue ? record.Value.Length : 0);
        foreach (var header in record.Headers)
            bytes += header.Key.Length + (header.Value?.Length ?? 0);
        return bytes;
    }

    /// <summary>Where records go, and how far they have come there.</summary>
    private sealed record Target(Rd.TopicPartition Partition, PartitionEnd? End, TopicTally? Tally);

    private void ThrowIfClosed() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _closed) == 1, typeof(ILogProducer));
}
