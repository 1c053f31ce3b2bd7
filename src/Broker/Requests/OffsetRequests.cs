using Broker.Groups;
using Broker.Log;
using Broker.Topics;
using Kafka.Protocol;
using Kafka.Protocol.Messages;

namespace Broker.Requests;

/// <summary>Where a log starts and ends, and which offset belongs to a time.</summary>
internal sealed class OffsetRequests(TopicCatalog topics)
{
    private const long Latest = -1;
    private const long Earliest = -2;
    private const long Newest = -3;

    public ListOffsetsResponse List(ListOffsetsRequest request, RequestContext from)
    {
        var response = new ListOffsetsResponse();
        foreach (var topic in request.Topics)
        {
            var topicResponse = new ListOffsetsResponse.ListOffsetsTopicResponse { Name = topic.Name };
            response.Topics.Add(topicResponse);
            foreach (var partition in topic.Partitions)
                topicResponse.Partitions.Add(Look(topic.Name, partition, readCommitted: request.IsolationLevel == 1, from.Version));
        }

        return response;
    }

    /// <summary>This broker has led since offset 0 in one epoch, so that epoch ends where the log does.</summary>
    public OffsetForLeaderEpochResponse EndOfEpoch(OffsetForLeaderEpochRequest request, RequestContext from)
    {
        var response = new OffsetForLeaderEpochResponse();
        foreach (var topic in request.Topics)
        {
            var topicResponse = new OffsetForLeaderEpochResponse.OffsetForLeaderTopicResult { Topic = topic.Topic };
            response.Topics.Add(topicResponse);
            foreach (var partition in topic.Partitions)
            {
                var answer = new OffsetForLeaderEpochResponse.EpochEndOffset { Partition = partition.Partition };
                topicResponse.Partitions.Add(answer);
                if (topics.FindPartition(topic.Topic, partition.Partition) is not { } log)
                    answer.ErrorCode = ErrorCode.UnknownTopicOrPartition;
                else if (EpochFault(partition.CurrentLeaderEpoch) is var fault && fault != ErrorCode.None)
                    answer.ErrorCode = fault;
                else if (partition.LeaderEpoch == PartitionLog.LeaderEpoch)
                    (answer.LeaderEpoch, answer.EndOffset) = (PartitionLog.LeaderEpoch, log.HighWatermark);
            }
        }

        return response;
    }

    private ListOffsetsResponse.ListOffsetsPartitionResponse Look(
        string topic, ListOffsetsRequest.ListOffsetsPartition partition, bool readCommitted, short version)
    {
        var answer = new ListOffsetsResponse.ListOffsetsPartitionResponse { PartitionIndex = partition.PartitionIndex };
        if (topics.FindPartition(topic, partition.PartitionIndex) is not { } log)
        {
            answer.ErrorCode = ErrorCode.UnknownTopicOrPartition;
            return answer;
        }

        if (EpochFault(partition.CurrentLeaderEpoch) is var fault && fault != ErrorCode.None)
        {
            answer.ErrorCode = fault;
            return answer;
        }

        switch (partition.Timestamp)
        {
            case Latest:
                answer.Offset = readCommitted ? log.LastStableOffset : log.HighWatermark;
                break;
            case Earliest:
                answer.Offset = log.LogStartOffset;
                break;
            case Newest when version >= 7:
                (answer.Offset, answer.Timestamp) = log.Newest() is { } newest ? (newest.Offset, newest.Timestamp) : (-1, -1);
                break;
            case >= 0:
                (answer.Offset, answer.Timestamp) = log.FirstAtOrAfter(partition.Timestamp) is { } found ? (found.Offset, found.Timestamp) : (-1, -1);
                break;
            default:
                answer.ErrorCode = ErrorCode.UnsupportedVersion;
                return answer;
        }

        if (version >= 4 && answer.Offset >= 0)
            answer.LeaderEpoch = PartitionLog.LeaderEpoch;
        return answer;
    }

    private static ErrorCode EpochFault(int claimed) => claimed switch
    {
        < 0 or PartitionLog.LeaderEpoch => ErrorCode.None,
        _ => ErrorCode.UnknownLeaderEpoch,
    };
}
