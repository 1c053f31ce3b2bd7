namespace Kafka;

/// <summary>Writes records to Kafka, in batches: idempotent, acks=all, in order per partition.</summary>
/// <remarks>
/// One thread at a time may call <see cref="TryAppend"/>. Its buffer is bounded
/// (<see cref="ProducerSettings.BufferBytesMax"/>); at the bound <see cref="TryAppend"/> refuses and
/// <see cref="WaitForRoomAsync"/> waits.
/// </remarks>
public interface ILogProducer : IAsyncDisposable
{
    /// <summary>Copies <paramref name="record"/> into a batch to be sent.</summary>
    /// <param name="record">The record; its spans may be reused once the call returns.</param>
    /// <param name="delivery">Told when Kafka holds the record, or why it never will; null to learn of failures from <see cref="FlushAsync"/> alone.</param>
    /// <returns>False where the buffer is full: nothing was taken.</returns>
    /// <exception cref="KafkaException">The record can never be sent (too large, unknown topic), or the producer is beyond use.</exception>
    bool TryAppend(scoped in OutgoingRecord record, Delivery? delivery = null);

    /// <summary>Waits until <see cref="TryAppend"/> is worth trying again.</summary>
    ValueTask WaitForRoomAsync(CancellationToken cancellation);

    /// <summary>Waits until everything appended before the call is acknowledged.</summary>
    /// <exception cref="KafkaException">The first failure of a record appended without a <see cref="Delivery"/> since the last flush.</exception>
    Task FlushAsync(CancellationToken cancellation);

    /// <summary>
    /// The offset after the last record that this producer wrote to <paramref name="partition"/> by its number and that Kafka acknowledged; null for
    /// none so far. Exact after a <see cref="FlushAsync"/>.
    /// </summary>
    long? AcknowledgedEnd(TopicPartition partition);

    /// <summary>How many partitions <paramref name="topic"/> has. Cached; refreshed in the background.</summary>
    /// <exception cref="KafkaException">The topic does not exist, or no broker answered in time.</exception>
    int PartitionCount(string topic);

    /// <summary>Fences older producers of the same transactional id. Once, before the first <see cref="BeginTransaction"/>.</summary>
    Task InitTransactionsAsync(CancellationToken cancellation);

    /// <summary>Starts a transaction: what is appended from here on is committed or aborted together.</summary>
    void BeginTransaction();

    /// <summary>Adds a consumer's positions to the open transaction (KIP-447).</summary>
    Task SendOffsetsToTransactionAsync(IReadOnlyCollection<CommittedOffset> offsets, ILogConsumer consumer, CancellationToken cancellation);

    /// <summary>Flushes, then commits the open transaction.</summary>
    Task CommitTransactionAsync(CancellationToken cancellation);

    /// <summary>Drops the open transaction.</summary>
    Task AbortTransactionAsync(CancellationToken cancellation);
}
