using System.Runtime.InteropServices;
using Broker.Groups;
using Broker.Log;
using Broker.Server;
using Broker.Topics;
using Kafka.Protocol;
using Kafka.Protocol.Messages;

namespace Broker.Requests;

/// <summary>Produce: each batch is checked by its header and checksum and appended as it came; no record is looked at.</summary>
internal sealed class ProduceRequests(TopicCatalog topics, BrokerMetrics metrics, TimeProvider time)
{
    /// <summary>Appends before the first await, so that one connection's batches land in the order they came.</summary>
    public ValueTask<Answer> AnswerAsync(ProduceRequest request, RequestContext from, CancellationToken cancellation)
    {
        var response = new ProduceResponse();
        List<Pending>? pending = null;
        var failed = false;
        foreach (var topicData in request.TopicData)
        {
            var topic = topics.Find(topicData.Name);
            var topicResponse = new ProduceResponse.TopicProduceResponse { Name = topicData.Name };
            response.Responses.Add(topicResponse);
            foreach (var data in topicData.PartitionData)
            {
                var answer = new ProduceResponse.PartitionProduceResponse { Index = data.Index, BaseOffset = -1 };
                topicResponse.PartitionResponses.Add(answer);
                if (request.Acks is < -1 or > 1)
                {
                    Refuse(answer, ErrorCode.InvalidRequiredAcks, $"acks is -1, 0 or 1, not {request.Acks}.");
                }
                else if (topic?.Partition(data.Index) is not { } log)
                {
                    Refuse(answer, ErrorCode.UnknownTopicOrPartition, $"There is no partition {data.Index} of topic '{topicData.Name}'.");
                }
                else if (Append(log, data.Records ?? default, from.Version, answer) is { } result && !result.Durable.IsCompleted)
                {
                    (pending ??= []).Add(new(log, result, answer));
                }

                failed |= answer.ErrorCode != ErrorCode.None;
            }
        }

        if (request.Acks == 0)
            return new(new Answer(null, EndsConnection: failed));
        return pending is null ? new(new Answer(response)) : AnswerWhenDurableAsync(response, pending);
    }

    private static async ValueTask<Answer> AnswerWhenDurableAsync(ProduceResponse response, List<Pending> pending)
    {
        foreach (var (log, result, answer) in pending)
        {
            await result.Durable.ConfigureAwait(false);
            if (!log.IsDurable(result.LastOffset))
                answer.ErrorCode = ErrorCode.KafkaStorageError;
        }

        return new(response);
    }

    private AppendResult? Append(PartitionLog log, ReadOnlyMemory<byte> records, short version, ProduceResponse.PartitionProduceResponse answer)
    {
        var config = log.Config;
        if (records.Length > config.MessageBytesMax)
        {
            Refuse(answer, ErrorCode.MessageTooLarge, $"A batch of {records.Length} bytes: the topic's limit is {config.MessageBytesMax} (max.message.bytes).");
            return null;
        }

        var error = ProducedBatch.Check(records.Span, version, out var header, out var reason);
        if (error == ErrorCode.None)
            (error, reason) = CheckTopicRules(header, config);
        if (error != ErrorCode.None)
        {
            Refuse(answer, error, reason);
            return null;
        }

        var batch = MemoryMarshal.AsMemory(records); // the request's frame is ours alone until it is answered
        if (config.LogAppendTime)
        {
            answer.LogAppendTimeMs = time.GetUtcNow().ToUnixTimeMilliseconds();
            RecordBatch.StampLogAppendTime(batch.Span, answer.LogAppendTimeMs);
        }

        var result = log.Append(batch);
        answer.LogStartOffset = log.LogStartOffset;
        answer.BaseOffset = result.BaseOffset;
        switch (result.Status)
        {
            case AppendStatus.OutOfOrderSequence:
                Refuse(answer, ErrorCode.OutOfOrderSequenceNumber, $"Producer {header.ProducerId} sent sequence {header.BaseSequence}, which does not follow its last.");
                break;
            case AppendStatus.StaleProducerEpoch:
                Refuse(answer, ErrorCode.InvalidProducerEpoch, $"Producer {header.ProducerId} has a newer epoch than {header.ProducerEpoch}.");
                break;
            case AppendStatus.StorageFailed:
                Refuse(answer, ErrorCode.KafkaStorageError, "The broker could not write to its disk; its log says why.");
                break;
            case AppendStatus.Closed:
                Refuse(answer, ErrorCode.UnknownTopicOrPartition, "The topic was deleted.");
                break;
        }

        return result;
    }

    private (ErrorCode, string?) CheckTopicRules(in RecordBatchHeader header, LogConfig config)
    {
        if (header.IsTransactional)
            return (ErrorCode.InvalidTxnState, $"Producer {header.ProducerId} has no open transaction on this partition.");
        if (config.LogAppendTime)
            return (ErrorCode.None, null);
        var now = time.GetUtcNow();
        if (config.TimestampAheadMax is { } ahead && header.MaxTimestamp > (now + ahead).ToUnixTimeMilliseconds())
            return (ErrorCode.InvalidTimestamp, $"Timestamp {header.MaxTimestamp} is more than {ahead} ahead of the broker's clock (message.timestamp.after.max.ms).");
        if (config.TimestampBehindMax is { } behind && header.BaseTimestamp < (now - behind).ToUnixTimeMilliseconds())
            return (ErrorCode.InvalidTimestamp, $"Timestamp {header.BaseTimestamp} is more than {behind} behind the broker's clock (message.timestamp.before.max.ms).");
        return (ErrorCode.None, null);
    }

    private void Refuse(ProduceResponse.PartitionProduceResponse answer, ErrorCode error, string? reason)
    {
        answer.ErrorCode = error;
        answer.ErrorMessage = reason;
        metrics.Rejected(error.ToString());
    }

    private readonly record struct Pending(PartitionLog Log, AppendResult Result, ProduceResponse.PartitionProduceResponse Answer);
}
