using Rd = Confluent.Kafka;

namespace Kafka.OnConfluent;

/// <summary>A producer's transactional calls: made on a thread that may block, repeated while librdkafka says that they may pass.</summary>
internal sealed class TransactionCalls(Rd.IProducer<byte[], byte[]> producer, ClientLog log, TimeProvider time)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    // A call that is cut short goes on inside librdkafka; the next one picks it up.
    private static readonly TimeSpan Slice = TimeSpan.FromSeconds(1);

    public Task InitAsync(CancellationToken cancellation) => CallAsync("start of transactions", producer.InitTransactions, cancellation);

    public void Begin()
    {
        try
        {
            producer.BeginTransaction();
        }
        catch (Rd.KafkaException e)
        {
            throw KafkaErrors.From(e.Error, "A transaction could not be begun", log.LastTrouble, e);
        }
    }

    public Task SendOffsetsAsync(IReadOnlyCollection<CommittedOffset> offsets, Rd.IConsumerGroupMetadata group, CancellationToken cancellation)
    {
        var positions = offsets
            .Select(o => new Rd.TopicPartitionOffset(o.TopicPartition.Topic, o.TopicPartition.Partition, o.Offset))
            .ToList();
        return CallAsync("offsets of a transaction", timeout => producer.SendOffsetsToTransaction(positions, group, timeout), cancellation);
    }

    public Task CommitAsync(CancellationToken cancellation) => CallAsync("commit of a transaction", producer.CommitTransaction, cancellation);

    public Task AbortAsync(CancellationToken cancellation) => CallAsync("abort of a transaction", producer.AbortTransaction, cancellation);

    private Task CallAsync(string what, Action<TimeSpan> call, CancellationToken cancellation) =>
        BlockingCalls.RunAsync(
            () =>
            {
                var start = time.GetTimestamp();
                while (true)
                {
                    try
                    {
                        call(Slice);
                        return;
                    }
                    catch (Rd.KafkaRetriableException e) when (time.GetElapsedTime(start) < Limit)
                    {
                        cancellation.ThrowIfCancellationRequested();
                        log.Retrying(what, e.Error.Reason);
                    }
                    catch (Rd.KafkaException e)
                    {
                        throw KafkaErrors.From(e.Error, $"The {what} failed at {log.Servers}", log.LastTrouble, e);
                    }
                }
            },
            cancellation);
}
