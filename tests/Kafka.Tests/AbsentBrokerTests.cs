using TestKit;

namespace Kafka.Tests;

/// <summary>Nobody listens where Kafka should be.</summary>
public sealed class AbsentBrokerTests
{
    private static Bench Start() => new($"127.0.0.1:{UnusedPort.Take()}");

    [Fact]
    public async Task A_record_fails_as_retriable_and_says_why()
    {
        await using var bench = Start();
        var producer = bench.Producer(s => s.DeliveryTimeout = TimeSpan.FromSeconds(1));
        var delivery = new Delivery();

        await bench.AppendAsync(producer, "orders", "k", "v", delivery: delivery);
        var failure = Assert.Single(await delivery.SealAndWaitAsync(bench.Cancellation));

        Assert.Equal(KafkaErrorKind.Retriable, failure.Error.Kind);
        Assert.Contains("orders", failure.Error.Message, StringComparison.Ordinal);
        Assert.Contains("Connection refused", failure.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Asking_for_topics_fails_as_retriable_and_names_the_brokers()
    {
        await using var bench = Start();

        var list = await Assert.ThrowsAsync<KafkaException>(() => bench.Admin.ListTopicsAsync(bench.Cancellation));

        Assert.Equal(KafkaErrorKind.Retriable, list.Kind);
        Assert.Contains("127.0.0.1:", list.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Questions_that_wait_for_a_broker_hold_no_thread_of_the_pool()
    {
        // More than the pool would have threads before the first of them gives up.
        const int Questions = 64;
        await using var bench = Start();

        var asked = Enumerable.Range(0, Questions).Select(_ => bench.Admin.ListTopicsAsync(bench.Cancellation)).ToList();
        await Task.Run(() => Assert.All(asked, question => Assert.False(question.IsCompleted)));

        foreach (var question in asked)
            await Assert.ThrowsAsync<KafkaException>(() => question);
    }

    [Fact]
    public async Task A_poll_is_empty_and_in_time()
    {
        await using var bench = Start();
        var consumer = bench.Consumer(s => s.GroupId = "group");
        consumer.Subscribe(["orders"], new Ears());

        using var records = consumer.Poll(TimeSpan.FromMilliseconds(300), 10);

        Assert.Equal(0, records.Count);
    }

    [Fact]
    public async Task Closing_a_producer_gives_up_and_fails_what_is_left()
    {
        await using var bench = Start();
        var producer = bench.Client.CreateProducer(new ProducerSettings { DeliveryTimeout = Timeout.InfiniteTimeSpan });
        var delivery = new Delivery();
        await bench.AppendAsync(producer, "orders", "k", "v", delivery: delivery);

        await producer.DisposeAsync().AsTask().WaitAsync(Bench.Limit);

        var failure = Assert.Single(await delivery.SealAndWaitAsync(bench.Cancellation).WaitAsync(Bench.Limit));
        Assert.Equal(KafkaErrorKind.Retriable, failure.Error.Kind);
    }
}
