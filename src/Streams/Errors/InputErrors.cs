using System.Globalization;
using System.Text;
using Kafka;
using Microsoft.Extensions.Logging;
using Streams.Processing;

namespace Streams.Runtime;

/// <summary>Does with unreadable records what the settings say.</summary>
internal sealed partial class InputErrors(StreamConfig config, ILogger logger)
{
    public void OnUnreadable(string node, TaskContext context, TopicPartition partition, in RecordView view, Exception error)
    {
        var details = new DeserializationError(node, context.Task, new(partition.Topic, partition.Partition, view.Offset), error);
        var response = config.DeserializationErrors(details);
        if (response == ErrorResponse.Fail)
            throw new DeserializationException(details);

        if (response == ErrorResponse.DeadLetter)
        {
            var topic = config.DeadLetterTopic
                ?? throw new StreamsException("A record was to go to the dead-letter topic, but StreamConfig.DeadLetterTopic is not set.", new DeserializationException(details));
            context.Collector.Send(DeadLetter(topic, details, in view));
        }

        context.Dropped++;
        RecordSkipped(view.Offset, partition, node, context.Task, response, error.Message);
    }

    // Kafka Streams' own header names (KIP-1034), so that its users' tools read our dead letters.
    private static OutgoingRecord DeadLetter(string topic, DeserializationError details, in RecordView view)
    {
        Headers headers = Headers.Of(view.Headers)
            .With("__streams.errors.exception", Encoding.UTF8.GetBytes(details.Error.GetType().FullName ?? details.Error.GetType().Name))
            .With("__streams.errors.message", Encoding.UTF8.GetBytes(details.Error.Message))
            .With("__streams.errors.stacktrace", Encoding.UTF8.GetBytes(details.Error.ToString()))
            .With("__streams.errors.topic", Encoding.UTF8.GetBytes(details.Record.Topic))
            .With("__streams.errors.partition", Number(details.Record.Partition))
            .With("__streams.errors.offset", Number(details.Record.Offset));
        return new OutgoingRecord
        {
            Topic = topic,
            Key = view.Key,
            HasKey = view.HasKey,
            Value = view.Value,
            HasValue = view.HasValue,
            Headers = headers.Span,
            TimestampMs = Math.Max(0, view.TimestampMs),
        };
    }

    private static byte[] Number(long value) => Encoding.ASCII.GetBytes(value.ToString(CultureInfo.InvariantCulture));

    [LoggerMessage(20, LogLevel.Warning, "The record at offset {Offset} of {Partition} could not be read by source '{Node}' of task {Task}; the handler said {Response}: {Reason}")]
    private partial void RecordSkipped(long offset, TopicPartition partition, string node, TaskId task, ErrorResponse response, string reason);
}
