namespace Kafka.Tests;

/// <summary>What happens while the broker is away.</summary>
public abstract class OutageContract(TestBroker broker)
{
    private Bench Start()
    {
        Skip.If(broker.Missing is not null, broker.Missing);
        return new Bench(broker.BootstrapServers);
    }

    [SkippableFact]
    public async Task What_was_appended_across_a_restart_is_there_once_and_in_order()
    {
        await using var bench = Start();
        var topic = await bench.TopicAsync();
        var producer = bench.Producer(s => s.DeliveryTimeout = Timeout.InfiniteTimeSpan);
        var delivery = new Delivery();

        for (var i = 0; i < 2000; i++)
            await bench.AppendAsync(producer, topic, null, $"{i}", delivery: delivery);
        await broker.StopAsync();
        for (var i = 2000; i < 4000; i++)
            await bench.AppendAsync(producer, topic, null, $"{i}", delivery: delivery);
        await broker.StartAgainAsync();
        await producer.FlushAsync(bench.Cancellation);

        Assert.Empty(await delivery.SealAndWaitAsync(bench.Cancellation));
        Assert.Equal(Enumerable.Range(0, 4000).Select(i => $"{i}"), bench.ReadAll(topic, 1, 4000).Select(r => r.Value));
        using var consumer = bench.Consumer();
        Assert.Equal(4000, consumer.Watermarks(new TopicPartition(topic, 0), Bench.Limit).End);
    }

    [SkippableFact]
    public async Task A_consumer_reads_on_after_a_restart()
    {
        await using var bench = Start();
        var topic = await bench.TopicAsync();
        var producer = bench.Producer();
        var consumer = bench.Consumer(s => s.GroupId = bench.Name);
        consumer.Subscribe([topic], new Ears());
        await bench.AppendAsync(producer, topic, null, "before");
        Assert.Equal("before", Assert.Single(bench.Read(consumer, 1)).Value);
        consumer.Commit([new CommittedOffset(new TopicPartition(topic, 0), 1)], Bench.Limit);

        await broker.StopAsync();
        consumer.Poll(TimeSpan.FromMilliseconds(100), 10).Dispose();
        await broker.StartAgainAsync();
        await bench.AppendAsync(producer, topic, null, "after");

        Assert.Equal("after", Assert.Single(bench.Read(consumer, 1)).Value);
    }
}

[Collection(nameof(RealBroker))]
public sealed class OutageOnKafkaTests(RealBroker broker) : OutageContract(broker);

[Collection(nameof(OwnBroker))]
public sealed class OutageOnOwnBrokerTests(OwnBroker broker) : OutageContract(broker);
