namespace Kafka.Tests;

/// <summary>Topics made, counted, listed and deleted.</summary>
public abstract class AdminContract(TestBroker broker)
{
    private Bench Start()
    {
        Skip.If(broker.Missing is not null, broker.Missing);
        return new Bench(broker.BootstrapServers);
    }

    [SkippableFact]
    public async Task A_topic_is_made_once_and_left_alone_after_that()
    {
        await using var bench = Start();

        await bench.Admin.CreateTopicsAsync([new TopicSpecification(bench.Name, 3)], bench.Cancellation);
        await bench.Admin.CreateTopicsAsync([new TopicSpecification(bench.Name, 5), new TopicSpecification(bench.Name + "-2", 1)], bench.Cancellation);

        Assert.Equal(3, await bench.Admin.PartitionCountAsync(bench.Name, bench.Cancellation));
        var all = await bench.Admin.ListTopicsAsync(bench.Cancellation);
        Assert.Equal((3, 1), (all[bench.Name], all[bench.Name + "-2"]));
    }

    [SkippableFact]
    public async Task A_topic_that_does_not_exist_has_no_count_and_asking_does_not_make_it()
    {
        await using var bench = Start();

        Assert.Null(await bench.Admin.PartitionCountAsync(bench.Name, bench.Cancellation));
        Assert.Null(await bench.Admin.PartitionCountAsync(bench.Name, bench.Cancellation));
    }

    [SkippableFact]
    public async Task A_deleted_topic_is_gone_and_deleting_it_again_is_fine()
    {
        await using var bench = Start();
        var topic = await bench.TopicAsync();

        await bench.Admin.DeleteTopicsAsync([topic], bench.Cancellation);
        await bench.Admin.DeleteTopicsAsync([topic], bench.Cancellation);

        while (await bench.Admin.PartitionCountAsync(topic, bench.Cancellation) is not null)
            bench.Cancellation.ThrowIfCancellationRequested();
    }

    [SkippableTheory]
    [InlineData("not a name!", 1)]
    [InlineData("zero-partitions", 0)]
    public async Task A_topic_that_cannot_be_is_refused_by_name(string name, int partitions)
    {
        await using var bench = Start();

        var refused = await Assert.ThrowsAsync<KafkaException>(
            () => bench.Admin.CreateTopicsAsync([new TopicSpecification(name, partitions)], bench.Cancellation));

        Assert.Equal(KafkaErrorKind.Refused, refused.Kind);
        Assert.Contains(name, refused.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_config_that_does_not_exist_is_refused()
    {
        await using var bench = Start();
        var topic = new TopicSpecification(bench.Name, 1) { Configs = new Dictionary<string, string> { ["no.such.config"] = "1" } };

        var refused = await Assert.ThrowsAsync<KafkaException>(() => bench.Admin.CreateTopicsAsync([topic], bench.Cancellation));

        Assert.Equal(KafkaErrorKind.Refused, refused.Kind);
    }
}

[Collection(nameof(RealBroker))]
public sealed class AdminOnKafkaTests(RealBroker broker) : AdminContract(broker);

[Collection(nameof(OwnBroker))]
public sealed class AdminOnOwnBrokerTests(OwnBroker broker) : AdminContract(broker);
