using Rd = Confluent.Kafka;

namespace Kafka.OnConfluent;

/// <summary>A group's committed positions.</summary>
internal static class GroupOffsets
{
    public static void Commit(
        Rd.IConsumer<Slice, Slice> consumer, IReadOnlyCollection<CommittedOffset> offsets, TimeSpan timeout, Func<Rd.KafkaException, KafkaException> trouble)
    {
        var positions = offsets
            .Select(o => new Rd.TopicPartitionOffset(o.TopicPartition.Topic, o.TopicPartition.Partition, o.Offset))
            .ToList();

        // librdkafka's commit has no time-out of its own.
        var commit = Task.Run(() => consumer.Commit(positions));
        try
        {
            if (!commit.Wait(timeout))
                throw new KafkaException(KafkaErrorKind.Retriable, (int)Rd.ErrorCode.Local_TimedOut, $"The commit was not answered within {timeout}; it may still be made.");
        }
        catch (AggregateException e) when (e.InnerException is Rd.KafkaException inner)
        {
            throw trouble(inner);
        }
    }

    public static IReadOnlyList<CommittedOffset> Committed(
        Rd.IConsumer<Slice, Slice> consumer, IReadOnlyCollection<TopicPartition> partitions, TimeSpan timeout, Func<Rd.KafkaException, KafkaException> trouble)
    {
        try
        {
            return
            [
                .. consumer.Committed(partitions.Select(p => new Rd.TopicPartition(p.Topic, p.Partition)), timeout)
                    .Where(p => p.Offset.Value >= 0)
                    .Select(p => new CommittedOffset(new TopicPartition(p.Topic, p.Partition.Value), p.Offset.Value)),
            ];
        }
        catch (Rd.KafkaException e)
        {
            throw trouble(e);
        }
    }
}
