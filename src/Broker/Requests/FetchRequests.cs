using Broker.Groups;
using Broker.Log;
using Broker.Server;
using Broker.Topics;
using Kafka.Protocol;
using Kafka.Protocol.Messages;

namespace Broker.Requests;

/// <summary>Fetch: whole batches as they lie in the log; where there are too few, the answer waits for an append or the client's time limit.</summary>
/// <remarks>Source: KIP-74 (sizes), KIP-227 (sessions, which this broker does not keep: every fetch is a full one), KIP-320 (leader epochs).</remarks>
internal sealed class FetchRequests(TopicCatalog topics, BrokerOptions options, BrokerMetrics metrics, TimeProvider time)
{
    public async ValueTask<Answer> AnswerAsync(FetchRequest request, RequestContext from, CancellationToken cancellation)
    {
        if (request.SessionId != 0)
            return new(new FetchResponse { ErrorCode = ErrorCode.FetchSessionIdNotFound });

        if (MustWait(request))
            await WaitAsync(request, cancellation).ConfigureAwait(false);
        return Read(request);
    }

    // Waits while the client would get less than it asked for and nothing it should hear of at once.
    private bool MustWait(FetchRequest request)
    {
        if (request.MaxWaitMs <= 0 || request.MinBytes <= 0)
            return false;
        var (available, any) = (0L, false);
        foreach (var topic in request.Topics)
        {
            foreach (var partition in topic.Partitions)
            {
                any = true;
                var log = topics.FindPartition(topic.Topic, partition.Partition);
                if (Fault(log, partition) != ErrorCode.None)
                    return false;
                available += Math.Min(log!.BytesFrom(partition.FetchOffset), Math.Max(0, partition.PartitionMaxBytes));
                if (available >= request.MinBytes)
                    return false;
            }
        }

        return any;
    }

    private async Task WaitAsync(FetchRequest request, CancellationToken cancellation)
    {
        var wait = new FetchWait();
        var watched = new List<PartitionLog>();
        try
        {
            foreach (var topic in request.Topics)
            {
                foreach (var partition in topic.Partitions)
                {
                    if (topics.FindPartition(topic.Topic, partition.Partition) is { } log)
                    {
                        log.Watch(wait.Advanced);
                        watched.Add(log);
                    }
                }
            }

            using var limit = time.CreateTimer(static wait => ((FetchWait)wait!).End(), wait, TimeSpan.FromMilliseconds(request.MaxWaitMs), Timeout.InfiniteTimeSpan);
            using var stop = cancellation.UnsafeRegister(static wait => ((FetchWait)wait!).End(), wait);
            // Looked at again after the watch began, so that an append in between is not missed.
            while (!wait.HasEnded && MustWait(request))
                await wait.NextAsync().ConfigureAwait(false);
        }
        finally
        {
            foreach (var log in watched)
                log.Unwatch(wait.Advanced);
        }
    }

    private Answer Read(FetchRequest request)
    {
        var response = new FetchResponse();
        var lease = new FetchLease();
        var bytesLeft = (int)Math.Min((uint)Math.Max(0, request.MaxBytes), (uint)options.FetchBytesMax);
        var first = true;
        try
        {
            foreach (var topic in request.Topics)
            {
                var topicResponse = new FetchResponse.FetchableTopicResponse { Topic = topic.Topic };
                response.Responses.Add(topicResponse);
                foreach (var partition in topic.Partitions)
                {
                    var log = topics.FindPartition(topic.Topic, partition.Partition);
                    var data = new FetchResponse.PartitionData { PartitionIndex = partition.Partition, ErrorCode = Fault(log, partition), HighWatermark = -1 };
                    topicResponse.Partitions.Add(data);
                    data.Records = ReadOnlyMemory<byte>.Empty;
                    if (log is null)
                        continue;

                    // The bound before the data: a batch appended in between is not shown above the high watermark that goes with it.
                    data.HighWatermark = log.HighWatermark;
                    data.LastStableOffset = Math.Min(log.LastStableOffset, data.HighWatermark);
                    data.LogStartOffset = log.LogStartOffset;
                    if (data.ErrorCode != ErrorCode.None || (bytesLeft <= 0 && !first))
                        continue;

                    var until = request.IsolationLevel == 1 ? data.LastStableOffset : data.HighWatermark;
                    var read = log.Read(partition.FetchOffset, until, Math.Min(bytesLeft, Math.Max(0, partition.PartitionMaxBytes)), firstWhole: first);
                    if (read.IsEmpty)
                        continue;
                    lease.Add(read);
                    data.Records = read.Batches;
                    bytesLeft -= read.Batches.Length;
                    first = false;
                    metrics.Fetched(read.Batches.Length);
                }
            }
        }
        catch
        {
            lease.Dispose();
            throw;
        }

        return new(response, lease);
    }

    private static ErrorCode Fault(PartitionLog? log, FetchRequest.FetchPartition partition)
    {
        if (log is null || log.IsClosed)
            return ErrorCode.UnknownTopicOrPartition;
        if (partition.CurrentLeaderEpoch >= 0 && partition.CurrentLeaderEpoch != PartitionLog.LeaderEpoch)
            return partition.CurrentLeaderEpoch < PartitionLog.LeaderEpoch ? ErrorCode.FencedLeaderEpoch : ErrorCode.UnknownLeaderEpoch;
        return partition.FetchOffset < log.LogStartOffset || partition.FetchOffset > log.HighWatermark
            ? ErrorCode.OffsetOutOfRange
            : ErrorCode.None;
    }
}
