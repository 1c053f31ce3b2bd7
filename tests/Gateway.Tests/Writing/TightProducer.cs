using Kafka;
using Streams.Contracts.V1;

namespace Gateway.Tests.Writing;

/// <summary>A producer with room for so many records at a time, and which holds what it took at once.</summary>
internal sealed class TightProducer(int room) : ILogProducer
{
    private readonly int _room = room;
    private int _left = room;

    public List<string> Written { get; } = [];

    public int Waits { get; private set; }

    /// <summary>Told of each record.</summary>
    public Action? Appended { get; set; }

    public bool TryAppend(scoped in OutgoingRecord record, Delivery? delivery = null)
    {
        if (_left == 0)
            return false;
        _left--;
        Written.Add(LogRecord.Parser.ParseFrom(record.Value).Message);
        delivery?.Add();
        delivery?.Acknowledge();
        Appended?.Invoke();
        return true;
    }

    public async ValueTask WaitForRoomAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        Waits++;
        await Task.Yield();
        _left = _room;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public Task FlushAsync(CancellationToken cancellation) => Task.CompletedTask;

    public long? AcknowledgedEnd(TopicPartition partition) => null;

    public int PartitionCount(string topic) => 1;

    public Task InitTransactionsAsync(CancellationToken cancellation) => throw new NotSupportedException();

    public void BeginTransaction() => throw new NotSupportedException();

    public Task SendOffsetsToTransactionAsync(
        IReadOnlyCollection<CommittedOffset> offsets, ILogConsumer consumer, CancellationToken cancellation) => throw new NotSupportedException();

    public Task CommitTransactionAsync(CancellationToken cancellation) => throw new NotSupportedException();

    public Task AbortTransactionAsync(CancellationToken cancellation) => throw new NotSupportedException();
}
