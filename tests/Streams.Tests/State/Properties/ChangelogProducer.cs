using Kafka;

namespace Streams.Tests.State;

/// <summary>Keeps the changelog of one store, as a topic would.</summary>
internal sealed class ChangelogProducer : ILogProducer
{
    private readonly List<(byte[] Key, byte[]? Value, long Timestamp)> _records = [];

    public IReadOnlyList<(byte[] Key, byte[]? Value, long Timestamp)> Records => _records;

    public bool TryAppend(scoped in OutgoingRecord record, Delivery? delivery = null)
    {
        _records.Add((record.Key.ToArray(), record.HasValue ? record.Value.ToArray() : null, record.TimestampMs ?? 0));
        delivery?.Add();
        delivery?.Acknowledge();
        return true;
    }

    public ValueTask WaitForRoomAsync(CancellationToken cancellation) => ValueTask.CompletedTask;

    public Task FlushAsync(CancellationToken cancellation) => Task.CompletedTask;

    public long? AcknowledgedEnd(TopicPartition partition) => _records.Count;

    public int PartitionCount(string topic) => 1;

    public Task InitTransactionsAsync(CancellationToken cancellation) => Task.CompletedTask;

    public void BeginTransaction()
    {
    }

    public Task SendOffsetsToTransactionAsync(
        IReadOnlyCollection<CommittedOffset> offsets, ILogConsumer consumer, CancellationToken cancellation) => Task.CompletedTask;

    public Task CommitTransactionAsync(CancellationToken cancellation) => Task.CompletedTask;

    public Task AbortTransactionAsync(CancellationToken cancellation) => Task.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
