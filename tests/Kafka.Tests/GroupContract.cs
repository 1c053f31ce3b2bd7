namespace Kafka.Tests;

/// <summary>What members of a group can rely on.</summary>
public abstract class GroupContract(TestBroker broker)
{
    private Bench Start()
    {
        Skip.If(broker.Missing is not null, broker.Missing);
        return new Bench(broker.BootstrapServers);
    }

    private static async Task FillAsync(Bench bench, string topic, int records)
    {
        var producer = bench.Producer();
        for (var i = 0; i < records; i++)
            await bench.AppendAsync(producer, topic, $"{i}", $"v{i}");
        await producer.FlushAsync(bench.Cancellation);
    }

    [SkippableFact]
    public async Task One_member_hears_of_its_partitions_inside_a_poll_and_reads_them()
    {
        await using var bench = Start();
        var topic = await bench.TopicAsync(partitions: 2);
        await FillAsync(bench, topic, 100);
        var ears = new Ears();
        var consumer = bench.Consumer(s => s.GroupId = bench.Name);
        var caller = Environment.CurrentManagedThreadId;
        var thread = 0;
        ears.WhenAssigned = _ => thread = Environment.CurrentManagedThreadId;

        consumer.Subscribe([topic], ears);
        Assert.Empty(ears.Heard);
        var read = bench.Read(consumer, 100);

        Assert.Equal(["assigned 2"], ears.Heard);
        Assert.Equal(caller, thread);
        Assert.Equal(2, consumer.Assignment.Count);
        Assert.Equal(100, read.Select(r => r.Key).Distinct().Count());
    }

    [SkippableFact]
    public async Task Two_members_share_and_the_second_goes_on_where_the_first_committed()
    {
        await using var bench = Start();
        var topic = await bench.TopicAsync(partitions: 4);
        await FillAsync(bench, topic, 200);
        var (first, second) = (bench.Consumer(s => s.GroupId = bench.Name), bench.Consumer(s => s.GroupId = bench.Name));
        var (ears1, ears2) = (new Ears(), new Ears());
        ears1.WhenRevoked = partitions => first.Commit(
            [.. partitions.Select(p => new CommittedOffset(p, first.Position(p) ?? 0))], Bench.Limit);
        first.Subscribe([topic], ears1);
        var read = bench.Read(first, 200);

        second.Subscribe([topic], ears2);
        bench.PollUntil(first, () =>
        {
            using var records = second.Poll(TimeSpan.FromMilliseconds(50), 1000);
            read.AddRange(Got.From(records));
            return ears1.Mine.Count == 2 && ears2.Mine.Count == 2;
        }, "each has two partitions");

        Assert.Empty(ears1.Mine.Intersect(ears2.Mine));
        Assert.Contains("revoked 4", ears1.Heard);
        Assert.Equal(200, read.Count); // nothing came twice
        first.Dispose();
        bench.PollUntil(second, () => ears2.Mine.Count == 4, "the one that stays has all");
        Assert.DoesNotContain(ears1.Heard, heard => heard.StartsWith("lost", StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task Two_topics_are_assigned_alike_so_that_they_can_be_joined()
    {
        await using var bench = Start();
        var left = await bench.TopicAsync(partitions: 4, suffix: "-left");
        var right = await bench.TopicAsync(partitions: 4, suffix: "-right");
        var consumers = new[] { bench.Consumer(s => s.GroupId = bench.Name), bench.Consumer(s => s.GroupId = bench.Name) };
        var ears = new[] { new Ears(), new Ears() };

        for (var i = 0; i < 2; i++)
            consumers[i].Subscribe([left, right], ears[i]);
        bench.PollUntil(consumers[0], () =>
        {
            consumers[1].Poll(TimeSpan.FromMilliseconds(50), 10).Dispose();
            return ears.All(e => e.Mine.Count == 4);
        }, "each has four partitions");

        foreach (var mine in ears.Select(e => e.Mine))
            Assert.Equal(mine.Where(p => p.Topic == left).Select(p => p.Partition).Order(), mine.Where(p => p.Topic == right).Select(p => p.Partition).Order());
    }

    [SkippableFact]
    public async Task A_listener_may_pause_and_seek_what_it_is_given()
    {
        await using var bench = Start();
        var topic = await bench.TopicAsync(partitions: 2);
        var producer = bench.Producer();
        for (var i = 0; i < 40; i++)
            await bench.AppendAsync(producer, topic, null, $"{i}", partition: i % 2);
        await producer.FlushAsync(bench.Cancellation);
        var (seeked, paused) = (new TopicPartition(topic, 0), new TopicPartition(topic, 1));
        var consumer = bench.Consumer(s => s.GroupId = bench.Name);
        var ears = new Ears
        {
            WhenAssigned = _ =>
            {
                consumer.Seek(seeked, 15);
                consumer.Pause([paused]);
            },
        };

        consumer.Subscribe([topic], ears);
        var first = bench.Read(consumer, 5);
        consumer.Resume([paused]);
        var second = bench.Read(consumer, 20);

        Assert.Equal(Enumerable.Range(15, 5).Select(i => (seeked, (long)i)), first.Select(r => (r.Partition, r.Offset)));
        Assert.Equal(Enumerable.Range(0, 20).Select(i => (paused, (long)i)), second.Select(r => (r.Partition, r.Offset)));
    }

    [SkippableFact]
    public async Task A_member_that_left_cannot_commit_over_its_successor()
    {
        await using var bench = Start();
        var topic = await bench.TopicAsync();
        await FillAsync(bench, topic, 10);
        var (slow, next) = (bench.Consumer(Short), bench.Consumer(Short));
        slow.Subscribe([topic], new Ears());
        bench.Read(slow, 10);

        // It does not poll any more, so the group goes on without it.
        var ears = new Ears();
        next.Subscribe([topic], ears);
        bench.PollUntil(next, () => ears.Mine.Count == 1, "the successor has the partition");
        var refused = Assert.Throws<KafkaException>(() => slow.Commit([new CommittedOffset(new TopicPartition(topic, 0), 10)], Bench.Limit));

        Assert.Equal(KafkaErrorKind.Fenced, refused.Kind);

        void Short(ConsumerSettings settings) =>
            (settings.GroupId, settings.SessionTimeout, settings.PollIntervalMax) = (bench.Name, TimeSpan.FromSeconds(6), TimeSpan.FromSeconds(6));
    }

    [SkippableFact]
    public async Task Unsubscribing_gives_everything_back()
    {
        await using var bench = Start();
        var topic = await bench.TopicAsync();
        await FillAsync(bench, topic, 10);
        var consumer = bench.Consumer(s => s.GroupId = bench.Name);
        consumer.Subscribe([topic], new Ears());
        bench.Read(consumer, 10);

        consumer.Unsubscribe();

        Assert.Empty(consumer.Assignment);
        var ears = new Ears();
        var other = bench.Consumer(s => s.GroupId = bench.Name);
        other.Subscribe([topic], ears);
        bench.PollUntil(other, () => ears.Mine.Count == 1, "another member has the partition");
    }
}

[Collection(nameof(RealBroker))]
public sealed class GroupOnKafkaTests(RealBroker broker) : GroupContract(broker);

[Collection(nameof(OwnBroker))]
public sealed class GroupOnOwnBrokerTests(OwnBroker broker) : GroupContract(broker);
