namespace Kafka.Tests;

/// <summary>What a transactional producer promises.</summary>
public abstract class TransactionContract(TestBroker broker)
{
    private Bench Start()
    {
        Skip.If(broker.Missing is not null, broker.Missing);
        Skip.If(broker is OwnBroker, "Transactions come to the embedded broker with a later issue.");
        return new Bench(broker.BootstrapServers);
    }

    [SkippableFact]
    public async Task Committed_records_are_read_and_aborted_ones_are_not()
    {
        await using var bench = Start();
        var topic = await bench.TopicAsync();
        var producer = bench.Producer(s => s.TransactionalId = bench.Name);
        await producer.InitTransactionsAsync(bench.Cancellation);

        producer.BeginTransaction();
        await bench.AppendAsync(producer, topic, null, "aborted");
        await producer.FlushAsync(bench.Cancellation);
        await producer.AbortTransactionAsync(bench.Cancellation);
        producer.BeginTransaction();
        await bench.AppendAsync(producer, topic, null, "committed");
        await producer.CommitTransactionAsync(bench.Cancellation);

        Assert.Equal("committed", Assert.Single(bench.ReadAll(topic, 1, 1)).Value);
    }

    [SkippableFact]
    public async Task The_position_moves_past_a_transactions_marker()
    {
        await using var bench = Start();
        var topic = await bench.TopicAsync();
        var partition = new TopicPartition(topic, 0);
        var producer = bench.Producer(s => s.TransactionalId = bench.Name);
        await producer.InitTransactionsAsync(bench.Cancellation);
        producer.BeginTransaction();
        await bench.AppendAsync(producer, topic, null, "v");
        await producer.CommitTransactionAsync(bench.Cancellation);
        var consumer = bench.Consumer();
        consumer.Assign([(partition, StartOffset.Earliest)]);

        bench.Read(consumer, 1);
        bench.PollUntil(consumer, () => consumer.Position(partition) == 2, "the position is behind the marker");

        Assert.Equal(2, consumer.Watermarks(partition, Bench.Limit).End);
    }

    [SkippableFact]
    public async Task Offsets_are_committed_with_the_records_or_not_at_all()
    {
        await using var bench = Start();
        var topic = await bench.TopicAsync();
        var partition = new TopicPartition(topic, 0);
        var consumer = bench.Consumer(s => s.GroupId = bench.Name);
        var ears = new Ears();
        consumer.Subscribe([topic], ears);
        bench.PollUntil(consumer, () => ears.Mine.Count == 1, "the partition is assigned");
        var producer = bench.Producer(s => s.TransactionalId = bench.Name);
        await producer.InitTransactionsAsync(bench.Cancellation);

        producer.BeginTransaction();
        await producer.SendOffsetsToTransactionAsync([new CommittedOffset(partition, 7)], consumer, bench.Cancellation);
        await producer.AbortTransactionAsync(bench.Cancellation);
        Assert.Empty(consumer.Committed([partition], Bench.Limit));
        producer.BeginTransaction();
        await producer.SendOffsetsToTransactionAsync([new CommittedOffset(partition, 8)], consumer, bench.Cancellation);
        await producer.CommitTransactionAsync(bench.Cancellation);

        Assert.Equal(8, Assert.Single(consumer.Committed([partition], Bench.Limit)).Offset);
    }

    [SkippableFact]
    public async Task A_second_producer_of_the_same_id_fences_the_first()
    {
        await using var bench = Start();
        var topic = await bench.TopicAsync();
        var first = bench.Producer(s => s.TransactionalId = bench.Name);
        await first.InitTransactionsAsync(bench.Cancellation);
        first.BeginTransaction();
        await bench.AppendAsync(first, topic, null, "zombie");

        var second = bench.Producer(s => s.TransactionalId = bench.Name);
        await second.InitTransactionsAsync(bench.Cancellation);
        var fenced = await Assert.ThrowsAsync<KafkaException>(() => first.CommitTransactionAsync(bench.Cancellation));

        Assert.Equal(KafkaErrorKind.Fenced, fenced.Kind);
    }
}

[Collection(nameof(RealBroker))]
public sealed class TransactionsOnKafkaTests(RealBroker broker) : TransactionContract(broker);

[Collection(nameof(OwnBroker))]
public sealed class TransactionsOnOwnBrokerTests(OwnBroker broker) : TransactionContract(broker);
