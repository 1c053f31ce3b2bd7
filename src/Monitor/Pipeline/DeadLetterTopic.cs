using System.Globalization;
using System.Text;
using Google.Protobuf;
using Kafka;
using Monitor.LogStore;

namespace Monitor.Pipeline;

/// <summary>Writes records that the log store will never take to the dead-letter topic, with headers as the engine's own dead letters have them.</summary>
/// <remarks>A monitor that ends between the dead letter and the commit writes it again: <c>streams.document.id</c> tells that it is the same.</remarks>
internal sealed class DeadLetterTopic(MonitorOptions options, ILogClient client, TimeProvider time) : IDeadLetters, IAsyncDisposable
{
    private readonly SemaphoreSlim _one = new(1);
    private ILogProducer? _producer;

    public async Task SendAsync(IReadOnlyList<RefusedRecord> records, CancellationToken cancellation)
    {
        await _one.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            // Without a limit: what is neither stored nor a dead letter would be lost.
            _producer ??= client.CreateProducer(new() { DeliveryTimeout = Timeout.InfiniteTimeSpan });
            foreach (var record in records)
            {
                while (!TryAppend(_producer, record, withValue: true))
                    await _producer.WaitForRoomAsync(cancellation).ConfigureAwait(false);
            }

            await _producer.FlushAsync(cancellation).ConfigureAwait(false);
        }
        finally
        {
            _one.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_producer is not null)
            await _producer.DisposeAsync().ConfigureAwait(false);
        _one.Dispose();
    }

    private bool TryAppend(ILogProducer producer, RefusedRecord record, bool withValue)
    {
        RecordHeader[] headers =
        [
            new("__streams.errors.message", Text(record.Reason)),
            new("__streams.errors.topic", Text(record.Source?.Topic ?? options.Topics.Alerts)),
            new("__streams.errors.partition", Number(record.Source?.Partition ?? -1)),
            new("__streams.errors.offset", Number(record.Source?.Offset ?? -1)),
            new("streams.document.id", Text(record.Id)),
        ];
        try
        {
            return producer.TryAppend(new OutgoingRecord
            {
                Topic = options.Topics.DeadLetters,
                Key = Text(record.Key),
                HasKey = true,
                Value = withValue ? record.Message.ToByteArray() : default,
                HasValue = withValue,
                Headers = headers,
                TimestampMs = time.GetUtcNow().ToUnixTimeMilliseconds(),
            });
        }
        catch (KafkaException) when (withValue)
        {
            // As large as Kafka takes them, it has no room for these headers. They say where it can be read.
            return TryAppend(producer, record, withValue: false);
        }
    }

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    private static byte[] Number(long value) => Encoding.ASCII.GetBytes(value.ToString(CultureInfo.InvariantCulture));
}
