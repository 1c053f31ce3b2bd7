namespace Kafka.Tests;

/// <summary>What every consumer does with partitions that it was told to read.</summary>
public abstract class ConsumerContract(TestBroker broker)
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(200);

    private Bench Start()
    {
        Skip.If(broker.Missing is not null, broker.Missing);
        return new Bench(broker.BootstrapServers);
    }

    private static async Task<TopicPartition> FilledAsync(Bench bench, int records, string suffix = "")
    {
        var topic = await bench.TopicAsync(suffix: suffix);
        var producer = bench.Producer();
        for (var i = 0; i < records; i++)
            await bench.AppendAsync(producer, topic, $"{i}", $"v{i}");
        await producer.FlushAsync(bench.Cancellation);
        return new TopicPartition(topic, 0);
    }

    [SkippableFact]
    public async Task An_empty_topic_gives_an_empty_lease_and_a_position_at_its_end()
    {
        await using var bench = Start();
        var partition = await FilledAsync(bench, 0);
        var consumer = bench.Consumer();
        consumer.Assign([(partition, StartOffset.Earliest)]);

        bench.PollUntil(consumer, () => consumer.Position(partition) == 0, "the position is 0");

        using var records = consumer.Poll(TimeSpan.Zero, 10);
        Assert.Equal(0, records.Count);
        Assert.Equal(0, records.RunCount);
    }

    [SkippableFact]
    public async Task A_poll_takes_no_more_records_than_asked_for()
    {
        await using var bench = Start();
        var partition = await FilledAsync(bench, 25);
        var consumer = bench.Consumer();
        consumer.Assign([(partition, StartOffset.Earliest)]);
        var sizes = new List<int>();

        while (sizes.Sum() < 25)
        {
            bench.Cancellation.ThrowIfCancellationRequested();
            using var records = consumer.Poll(Soon, 10);
            sizes.Add(records.Count);
        }

        Assert.All(sizes, size => Assert.InRange(size, 0, 10));
        Assert.Equal(25, consumer.Position(partition));
    }

    [SkippableFact]
    public async Task Records_of_several_partitions_come_in_one_run_each()
    {
        await using var bench = Start();
        var topic = await bench.TopicAsync(partitions: 3);
        var producer = bench.Producer();
        for (var i = 0; i < 300; i++)
            await bench.AppendAsync(producer, topic, null, $"{i}", partition: i % 3);
        await producer.FlushAsync(bench.Cancellation);
        var consumer = bench.Consumer();
        consumer.Assign([.. Enumerable.Range(0, 3).Select(p => (new TopicPartition(topic, p), StartOffset.Earliest))]);

        var seen = 0;
        while (seen < 300)
        {
            bench.Cancellation.ThrowIfCancellationRequested();
            using var records = consumer.Poll(Soon, 1000);
            seen += records.Count;
            var runs = Enumerable.Range(0, records.RunCount).Select(records.Partition).ToList();
            Assert.Equal(runs.Distinct(), runs);
            Assert.Equal(records.Count, Enumerable.Range(0, records.RunCount).Sum(records.RunLength));
        }
    }

    [SkippableFact]
    public async Task Reading_starts_where_it_is_told_to()
    {
        await using var bench = Start();
        var partition = await FilledAsync(bench, 10);
        var consumer = bench.Consumer();

        consumer.Assign([(partition, 7)]);

        Assert.Equal(7, consumer.Position(partition));
        Assert.Equal(["7", "8", "9"], bench.Read(consumer, 3).Select(r => r.Key));
    }

    [SkippableFact]
    public async Task Latest_means_what_comes_after()
    {
        await using var bench = Start();
        var partition = await FilledAsync(bench, 10);
        var consumer = bench.Consumer();
        consumer.Assign([(partition, StartOffset.Latest)]);
        bench.PollUntil(consumer, () => consumer.Position(partition) == 10, "the position is the end");
        var producer = bench.Producer();

        await bench.AppendAsync(producer, partition.Topic, "new", "v");
        await producer.FlushAsync(bench.Cancellation);

        Assert.Equal("new", Assert.Single(bench.Read(consumer, 1)).Key);
    }

    [SkippableFact]
    public async Task A_seek_goes_back_and_forth()
    {
        await using var bench = Start();
        var partition = await FilledAsync(bench, 10);
        var consumer = bench.Consumer();
        consumer.Assign([(partition, StartOffset.Earliest)]);
        bench.Read(consumer, 10);

        consumer.Seek(partition, 3);

        Assert.Equal(3, consumer.Position(partition));
        Assert.Equal(3, bench.Read(consumer, 7)[0].Offset);
        consumer.Seek(partition, StartOffset.Earliest);
        Assert.Equal(0, bench.Read(consumer, 10)[0].Offset);
    }

    [SkippableFact]
    public async Task A_seek_right_after_the_assignment_counts()
    {
        await using var bench = Start();
        var partition = await FilledAsync(bench, 10);
        var consumer = bench.Consumer();

        consumer.Assign([(partition, StartOffset.Earliest)]);
        consumer.Seek(partition, 8);

        Assert.Equal([8L, 9], bench.Read(consumer, 2).Select(r => r.Offset));
    }

    [SkippableFact]
    public async Task A_paused_partition_waits_and_loses_nothing()
    {
        await using var bench = Start();
        var paused = await FilledAsync(bench, 50, "-paused");
        var other = await FilledAsync(bench, 50, "-other");
        var consumer = bench.Consumer();
        consumer.Assign([(paused, StartOffset.Earliest), (other, StartOffset.Earliest)]);
        consumer.Pause([paused]);

        var first = bench.Read(consumer, 50);
        consumer.Resume([paused]);
        consumer.Resume([other]); // never paused: nothing happens
        var second = bench.Read(consumer, 50);

        Assert.All(first, r => Assert.Equal(other, r.Partition));
        Assert.All(second, r => Assert.Equal(paused, r.Partition));
        Assert.Equal(Enumerable.Range(0, 50).Select(i => (long)i), second.Select(r => r.Offset));
    }

    [SkippableFact]
    public async Task Pausing_in_the_middle_keeps_the_position()
    {
        await using var bench = Start();
        var partition = await FilledAsync(bench, 100);
        var consumer = bench.Consumer();
        consumer.Assign([(partition, StartOffset.Earliest)]);
        var before = new List<Got>();
        while (before.Count == 0)
        {
            bench.Cancellation.ThrowIfCancellationRequested();
            using var records = consumer.Poll(Soon, 10);
            before.AddRange(Got.From(records));
        }

        consumer.Pause([partition]);
        using (var records = consumer.Poll(Soon, 100))
            Assert.Equal(0, records.Count);
        Assert.Equal(before.Count, consumer.Position(partition));
        consumer.Resume([partition]);

        Assert.Equal(before.Count, bench.Read(consumer, 100 - before.Count)[0].Offset);
    }

    [SkippableFact]
    public async Task Watermarks_are_asked_for_and_the_end_is_remembered()
    {
        await using var bench = Start();
        var partition = await FilledAsync(bench, 10);
        var consumer = bench.Consumer();
        Assert.Null(consumer.CachedEndOffset(partition));
        consumer.Assign([(partition, StartOffset.Earliest)]);
        bench.Read(consumer, 10);

        Assert.Equal((0L, 10L), consumer.Watermarks(partition, Bench.Limit));
        Assert.Equal(10, consumer.CachedEndOffset(partition));
    }

    [SkippableFact]
    public async Task Positions_are_committed_with_their_notes_and_read_back()
    {
        await using var bench = Start();
        var partition = await FilledAsync(bench, 10);
        var other = await FilledAsync(bench, 1, "-other");
        var consumer = bench.Consumer(s => s.GroupId = bench.Name);

        consumer.Assign([(partition, StartOffset.Earliest)]);
        consumer.Commit([new CommittedOffset(partition, 4, "until four o'clock, é")], Bench.Limit);

        Assert.Equal([new CommittedOffset(partition, 4, "until four o'clock, é")], consumer.Committed([partition, other], Bench.Limit));
        consumer.Assign([(partition, StartOffset.Committed)]);
        Assert.Equal(4, bench.Read(consumer, 6)[0].Offset);
    }

    [SkippableFact]
    public async Task A_lease_must_be_given_back_before_the_next_poll()
    {
        await using var bench = Start();
        var consumer = bench.Consumer();
        var lease = consumer.Poll(TimeSpan.Zero, 1);

        Assert.Throws<InvalidOperationException>(() => consumer.Poll(TimeSpan.Zero, 1));
        lease.Dispose();
        consumer.Poll(TimeSpan.Zero, 1).Dispose();
    }

    [SkippableFact]
    public async Task A_topic_that_comes_into_being_later_is_read_then()
    {
        await using var bench = Start();
        var partition = new TopicPartition(bench.Name, 0);
        var consumer = bench.Consumer();
        consumer.Assign([(partition, StartOffset.Earliest)]);
        consumer.Poll(Soon, 10).Dispose();

        await FilledAsync(bench, 3);

        Assert.Equal(3, bench.Read(consumer, 3).Count);
    }
}

[Collection(nameof(RealBroker))]
public sealed class ConsumerOnKafkaTests(RealBroker broker) : ConsumerContract(broker);

[Collection(nameof(OwnBroker))]
public sealed class ConsumerOnOwnBrokerTests(OwnBroker broker) : ConsumerContract(broker);
