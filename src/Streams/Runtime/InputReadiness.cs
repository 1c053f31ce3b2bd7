using Kafka;
using Streams.Processing;

namespace Streams.Runtime;

/// <summary>
/// Whether a task with several inputs may go on while one of them is empty: taking records in the order of their times means waiting for the
/// one that may still bring an earlier record. As Kafka Streams' <c>max.task.idle.ms</c> (KIP-695).
/// </summary>
internal sealed class InputReadiness(TimeSpan? idleMax, TimeProvider time)
{
    private readonly Dictionary<TopicPartition, long> _idleSince = [];

    /// <param name="queues">The task's inputs.</param>
    /// <param name="lag">How many records of a partition Kafka holds that were not fetched; null where nobody has heard yet.</param>
    public bool MayProcess(List<RecordQueue> queues, Func<TopicPartition, long?> lag)
    {
        if (queues.Count == 1 || idleMax is not { } idle)
            return true;

        var ready = true;
        foreach (var queue in queues)
        {
            if (queue.Count > 0)
            {
                _idleSince.Remove(queue.Partition);
                continue;
            }

            if (lag(queue.Partition) is not 0)
            {
                _idleSince.Remove(queue.Partition);
                ready = false;
            }
            else if (idle > TimeSpan.Zero)
            {
                if (!_idleSince.TryGetValue(queue.Partition, out var since))
                    _idleSince[queue.Partition] = since = time.GetTimestamp();
                ready &= time.GetElapsedTime(since) >= idle;
            }
        }

        return ready;
    }
}
