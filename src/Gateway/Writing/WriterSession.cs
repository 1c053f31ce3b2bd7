using Google.Protobuf;
using Kafka;

namespace Gateway.Writing;

/// <summary>A producer shared by streams. Records of one caller stay in the order of its calls.</summary>
internal sealed class WriterSession(ILogProducer producer) : IAsyncDisposable
{
    private readonly Lock _gate = new();

    // Where a message is serialised before the producer copies it; as large as the largest record so far.
    private byte[] _scratch = new byte[16 << 10];

    /// <summary>Appends a message, waiting while the buffer is full.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="key">The key's bytes.</param>
    /// <param name="message">What to serialise as the value.</param>
    /// <param name="bytes">Its size, as <see cref="IMessage.CalculateSize"/> gives it.</param>
    /// <param name="timestampMs">The record's timestamp.</param>
    /// <param name="delivery">Told what becomes of it.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="KafkaException">The producer is beyond use, or the record can never be sent.</exception>
    public ValueTask AppendAsync(
        string topic, byte[] key, IMessage message, int bytes, long timestampMs, Delivery delivery, CancellationToken cancellation) =>
        TryAppend(topic, key, message, bytes, timestampMs, delivery)
            ? ValueTask.CompletedTask
            : AppendLaterAsync(topic, key, message, bytes, timestampMs, delivery, cancellation);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => producer.DisposeAsync();

    private async ValueTask AppendLaterAsync(
        string topic, byte[] key, IMessage message, int bytes, long timestampMs, Delivery delivery, CancellationToken cancellation)
    {
        do
        {
            await producer.WaitForRoomAsync(cancellation).ConfigureAwait(false);
        }
        while (!TryAppend(topic, key, message, bytes, timestampMs, delivery));
    }

    private bool TryAppend(string topic, byte[] key, IMessage message, int bytes, long timestampMs, Delivery delivery)
    {
        lock (_gate)
        {
            if (_scratch.Length < bytes)
                _scratch = new byte[bytes];
            var value = _scratch.AsSpan(0, bytes);
            message.WriteTo(value);
            return producer.TryAppend(
                new OutgoingRecord
                {
                    Topic = topic,
                    Key = key,
                    HasKey = true,
                    Value = value,
                    HasValue = true,
                    TimestampMs = timestampMs,
                },
                delivery);
        }
    }
}
