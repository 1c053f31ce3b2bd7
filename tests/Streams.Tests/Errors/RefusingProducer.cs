using System.Text;
using Kafka;

namespace Streams.Tests.Errors;

/// <summary>A producer whose broker refuses what the test says: when it is appended, or when it is answered for.</summary>
internal sealed class RefusingProducer : ILogProducer
{
    private readonly List<(Delivery? Delivery, int Index, string Text, bool Refused)> _sent = [];
    private string? _topic;
    private int _times;
    private bool _atOnce;

    public List<string> Written { get; } = [];

    public void Refuse(string topic, int times, bool atOnce) => (_topic, _times, _atOnce) = (topic, times, atOnce);

    public bool TryAppend(scoped in OutgoingRecord record, Delivery? delivery = null)
    {
        var refused = record.Topic == _topic && _times-- > 0;
        if (refused && _atOnce)
            throw Refusal();

        _sent.Add((delivery, delivery?.Add() ?? 0, $"{record.Topic}: {Encoding.UTF8.GetString(record.Value)}", refused));
        return true;
    }

    public ValueTask WaitForRoomAsync(CancellationToken cancellation) => ValueTask.CompletedTask;

    public Task FlushAsync(CancellationToken cancellation)
    {
        foreach (var (delivery, index, text, refused) in _sent)
        {
            if (refused)
            {
                delivery!.Fail(index, Refusal());
                continue;
            }

            Written.Add(text);
            delivery?.Acknowledge();
        }

        _sent.Clear();
        return Task.CompletedTask;
    }

    public long? AcknowledgedEnd(TopicPartition partition) => null;

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

    private static KafkaException Refusal() => new(KafkaErrorKind.Refused, 10, "too large");
}
