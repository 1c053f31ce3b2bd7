using System.Globalization;
using System.Text;
using Kafka;
using Streams.Runtime;

namespace Streams.Processing;

/// <summary>An input record as it was read, kept until it is processed: what a dead-letter topic gets should it fail.</summary>
/// <remarks>Headers are named as Kafka Streams names them (KIP-1034), so that tools for its dead letters read ours.</remarks>
internal sealed class DeadLetter(RecordMetadata? record, byte[]? key, byte[]? value)
{
    /// <summary>For failures without an input record.</summary>
    public static readonly DeadLetter None = new(null, null, null);

    public RecordMetadata? Record { get; } = record;

    public static DeadLetter Of(in RecordView view, RecordMetadata record) =>
        new(record, view.HasKey ? view.Key.ToArray() : null, view.HasValue ? view.Value.ToArray() : null);

    public void Send(RecordCollector collector, string topic, RecordError error)
    {
        var headers = error.Headers
            .With("__streams.errors.exception", Text(error.Error.GetType().FullName ?? error.Error.GetType().Name))
            .With("__streams.errors.message", Text(error.Error.Message))
            .With("__streams.errors.stacktrace", Text(error.Error.ToString()))
            .With("__streams.errors.topic", error.Record is { } from ? Text(from.Topic) : null)
            .With("__streams.errors.partition", Number(error.Record?.Partition ?? -1))
            .With("__streams.errors.offset", Number(error.Record?.Offset ?? -1));
        collector.SendDeadLetter(new OutgoingRecord
        {
            Topic = topic,
            Key = key,
            HasKey = key is not null,
            Value = value,
            HasValue = value is not null,
            Headers = headers.Span,
            TimestampMs = Math.Max(0, error.Timestamp),
        });
    }

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    private static byte[] Number(long value) => Encoding.ASCII.GetBytes(value.ToString(CultureInfo.InvariantCulture));
}
