using Rd = Confluent.Kafka;

namespace Kafka.OnConfluent;

/// <summary>A group's committed positions, read and written through its consumer.</summary>
internal sealed class GroupOffsets(NativeHandle consumer, string? group, ClientLog log)
{
    public void Commit(IReadOnlyCollection<CommittedOffset> offsets, TimeSpan timeout)
    {
        if (offsets.Count == 0)
            return;

        // librdkafka's commit has no time-out of its own.
        var commit = BlockingCalls.RunAsync(() =>
        {
            using var positions = new NativeOffsets(offsets);
            return consumer.Call(positions.Commit);
        });
        if (!commit.Wait(timeout))
        {
            throw new KafkaException(
                KafkaErrorKind.Retriable,
                (int)Rd.ErrorCode.Local_TimedOut,
                $"Committing for group {group} was not answered within {timeout}; it may still be made.{log.LastTrouble}");
        }

        ThrowIfError(commit.Result, $"Committing for group {group} failed");
    }

    public IReadOnlyList<CommittedOffset> Committed(IReadOnlyCollection<TopicPartition> partitions, TimeSpan timeout)
    {
        if (partitions.Count == 0)
            return [];

        using var positions = new NativeOffsets([.. partitions.Select(p => new CommittedOffset(p, StartOffset.Committed))]);
        ThrowIfError(
            consumer.Call(client => positions.Fetch(client, timeout)),
            $"The committed positions of group {group} are not known");
        return positions.Read();
    }

    private void ThrowIfError(Rd.ErrorCode code, string what)
    {
        if (code != Rd.ErrorCode.NoError)
            throw KafkaErrors.From(new Rd.Error(code), what, log.LastTrouble);
    }
}
