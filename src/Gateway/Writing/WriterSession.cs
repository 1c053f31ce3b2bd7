using Google.Protobuf;
using Kafka;

namespace Gateway.Writing;

/// <summary>A producer shared by streams. Records of one caller stay in the order of its calls.</summary>
/// <remarks>
/// The lock is taken for a run of records and not for each: were it taken 20,000 times a second, a holder that loses its processor would soon have all of
/// the pool's threads waiting for it, and the broker that is to make room may need one of them.
/// </remarks>
internal sealed class WriterSession(ILogProducer producer) : IAsyncDisposable
{
    private readonly Lock _gate = new();

    // Where a message is serialised before the producer copies it; as large as the largest record so far.
    private byte[] _scratch = new byte[16 << 10];

    /// <summary>Appends messages, one after the other, waiting while the buffer is full.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="key">The key's bytes.</param>
    /// <param name="messages">What to serialise as the values. Not to be changed before this is done.</param>
    /// <param name="timestampMs">The records' timestamp.</param>
    /// <param name="delivery">Told what becomes of them.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="KafkaException">The producer is beyond use, or a record can never be sent. Those before it are appended.</exception>
    public async ValueTask AppendAsync(
        string topic, byte[] key, List<SizedMessage> messages, long timestampMs, Delivery delivery, CancellationToken cancellation)
    {
        for (var next = 0; ;)
        {
            var until = Math.Min(messages.Count, next + Turn.RecordsMax);
            next = Append(topic, key, messages, next, until, timestampMs, delivery);
            if (next < until)
                await producer.WaitForRoomAsync(cancellation).ConfigureAwait(false);
            else if (next < messages.Count)
                await Turn.EndAsync();
            else
                return;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => producer.DisposeAsync();

    // The first that there was no room for; 'until' where there is none.
    private int Append(string topic, byte[] key, List<SizedMessage> messages, int next, int until, long timestampMs, Delivery delivery)
    {
        lock (_gate)
        {
            while (next < until && TryAppend(topic, key, messages[next], timestampMs, delivery))
                next++;
        }

        return next;
    }

    private bool TryAppend(string topic, byte[] key, SizedMessage message, long timestampMs, Delivery delivery)
    {
        if (_scratch.Length < message.Bytes)
            _scratch = new byte[message.Bytes];
        var value = _scratch.AsSpan(0, message.Bytes);
        message.Message.WriteTo(value);
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
