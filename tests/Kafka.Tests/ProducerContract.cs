namespace Kafka.Tests;

/// <summary>What every producer does, whatever broker it talks to.</summary>
public abstract class ProducerContract(TestBroker broker)
{
    private Bench Start()
    {
        Skip.If(broker.Missing is not null, broker.Missing);
        return new Bench(broker.BootstrapServers);
    }

    [SkippableFact]
    public async Task Null_and_empty_keys_and_values_stay_what_they_are()
    {
        await using var bench = Start();
        var topic = await bench.TopicAsync();
        var producer = bench.Producer();

        await bench.AppendAsync(producer, topic, key: null, value: null);
        await bench.AppendAsync(producer, topic, key: "", value: "");
        await bench.AppendAsync(producer, topic, key: "k", value: null);
        await bench.AppendAsync(producer, topic, key: null, value: "v");
        await producer.FlushAsync(bench.Cancellation);

        var read = bench.ReadAll(topic, 1, 4);
        Assert.Equal([(null, null), ("", ""), ("k", null), (null, "v")], read.Select(r => (r.Key, r.Value)));
        Assert.Equal([0L, 1, 2, 3], read.Select(r => r.Offset));
    }

    [SkippableFact]
    public async Task Headers_keep_their_order_their_repeats_and_their_nulls()
    {
        await using var bench = Start();
        var topic = await bench.TopicAsync();
        var producer = bench.Producer();
        RecordHeader[] headers = [new("a", [1, 2]), new("b", null), new("a", []), new("ü", [3])];

        producer.TryAppend(new OutgoingRecord { Topic = topic, Headers = headers, HasValue = true });
        await producer.FlushAsync(bench.Cancellation);

        var read = Assert.Single(bench.ReadAll(topic, 1, 1)).Headers;
        Assert.Equal(headers.Select(h => (h.Key, Hex(h.Value))), read.Select(h => (h.Key, Hex(h.Value))));

        static string Hex(byte[]? value) => value is null ? "null" : Convert.ToHexString(value);
    }

    [SkippableFact]
    public async Task A_timestamp_is_kept_and_none_means_now()
    {
        await using var bench = Start();
        var topic = await bench.TopicAsync();
        var producer = bench.Producer();
        var before = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

        producer.TryAppend(new OutgoingRecord { Topic = topic, TimestampMs = 1_234_567_890_123 });
        producer.TryAppend(new OutgoingRecord { Topic = topic });
        await producer.FlushAsync(bench.Cancellation);

        var read = bench.ReadAll(topic, 1, 2);
        Assert.Equal(1_234_567_890_123, read[0].TimestampMs);
        Assert.InRange(read[1].TimestampMs, before, TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
    }

    [SkippableFact]
    public async Task After_a_flush_a_producer_knows_where_its_records_end_in_each_partition_that_it_named()
    {
        await using var bench = Start();
        var topic = await bench.TopicAsync(partitions: 3);
        var other = bench.Producer();
        await bench.AppendAsync(other, topic, key: "other", value: "x");
        await other.FlushAsync(bench.Cancellation);
        var producer = bench.Producer();
        Assert.Null(producer.AcknowledgedEnd(new(topic, 0)));

        for (var i = 0; i < 500; i++)
            producer.TryAppend(new OutgoingRecord { Topic = topic, Partition = i % 2 });
        await producer.FlushAsync(bench.Cancellation);

        using var consumer = bench.Client.CreateConsumer(new() { GroupId = null });
        Assert.Equal(consumer.Watermarks(new(topic, 0), TimeSpan.FromSeconds(30)).End, producer.AcknowledgedEnd(new(topic, 0)));
        Assert.Equal(consumer.Watermarks(new(topic, 1), TimeSpan.FromSeconds(30)).End, producer.AcknowledgedEnd(new(topic, 1)));
        Assert.Null(producer.AcknowledgedEnd(new(topic, 2)));
    }

    [SkippableFact]
    public async Task Records_of_a_partition_are_read_in_the_order_they_were_appended()
    {
        await using var bench = Start();
        var topic = await bench.TopicAsync(partitions: 3);
        var producer = bench.Producer();

        for (var i = 0; i < 30_000; i++)
            await bench.AppendAsync(producer, topic, key: null, value: $"{i}", partition: i % 3);
        await producer.FlushAsync(bench.Cancellation);

        var read = bench.ReadAll(topic, 3, 30_000);
        foreach (var partition in read.GroupBy(r => r.Partition.Partition))
            Assert.Equal(Enumerable.Range(0, 10_000).Select(i => $"{i * 3 + partition.Key}"), partition.Select(r => r.Value));
    }

    // The values are those of Apache Kafka's own test of its murmur2, modulo the partitions as its partitioner takes them.
    [SkippableTheory]
    [InlineData("21", -973932308)]
    [InlineData("foobar", -790332482)]
    [InlineData("a-little-bit-long-string", -985981536)]
    [InlineData("a-little-bit-longer-string", -1486304829)]
    [InlineData("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971)]
    [InlineData("abc", 479470107)]
    [InlineData("", 275646681)]
    public async Task A_key_goes_where_Java_puts_it(string key, int murmur2)
    {
        await using var bench = Start();
        var topic = await bench.TopicAsync(partitions: 7);
        var producer = bench.Producer();

        await bench.AppendAsync(producer, topic, key, "v");
        await producer.FlushAsync(bench.Cancellation);

        Assert.Equal((murmur2 & 0x7fffffff) % 7, Assert.Single(bench.ReadAll(topic, 7, 1)).Partition.Partition);
    }

    [SkippableFact]
    public async Task A_delivery_ends_when_Kafka_holds_all_of_it()
    {
        await using var bench = Start();
        var topic = await bench.TopicAsync(partitions: 2);
        var producer = bench.Producer();
        var delivery = new Delivery();

        for (var i = 0; i < 100; i++)
            await bench.AppendAsync(producer, topic, $"{i}", "v", delivery: delivery);
        var failures = await delivery.SealAndWaitAsync(bench.Cancellation);

        Assert.Empty(failures);
        Assert.Equal(100, bench.ReadAll(topic, 2, 100).Count);
    }

    [SkippableFact]
    public async Task A_record_that_the_topic_refuses_fails_by_its_index_and_the_others_go_on()
    {
        await using var bench = Start();
        var small = await bench.TopicAsync(partitions: 1, suffix: "-small", ("max.message.bytes", "2000"));
        var topic = await bench.TopicAsync();
        var producer = bench.Producer();
        var delivery = new Delivery();

        await bench.AppendAsync(producer, topic, "a", "v", delivery: delivery);
        await bench.AppendAsync(producer, small, "b", new string('x', 5000), delivery: delivery);
        await bench.AppendAsync(producer, topic, "c", "v", delivery: delivery);
        var failures = await delivery.SealAndWaitAsync(bench.Cancellation);

        var failure = Assert.Single(failures);
        Assert.Equal(1, failure.Index);
        Assert.Equal(KafkaErrorKind.Refused, failure.Error.Kind);
        Assert.Contains(small, failure.Error.Message, StringComparison.Ordinal);
        Assert.Equal(["a", "c"], bench.ReadAll(topic, 1, 2).Select(r => r.Key));
    }

    [SkippableFact]
    public async Task A_record_over_the_producers_own_limit_is_refused_at_once_and_counts_for_nothing()
    {
        await using var bench = Start();
        var topic = await bench.TopicAsync();
        var producer = bench.Producer(s => s.RecordBytesMax = 1000);
        var delivery = new Delivery();

        var refused = Assert.Throws<KafkaException>(() => Bench.TryAppend(producer, topic, "k", new string('x', 1000), delivery: delivery));
        await bench.AppendAsync(producer, topic, "k", "v", delivery: delivery);

        Assert.Equal(KafkaErrorKind.Refused, refused.Kind);
        Assert.Empty(await delivery.SealAndWaitAsync(bench.Cancellation));
        Assert.Single(bench.ReadAll(topic, 1, 1));
    }

    [SkippableFact]
    public async Task A_record_for_a_topic_that_does_not_exist_fails_and_creates_nothing()
    {
        await using var bench = Start();
        var producer = bench.Producer(s => (s.Linger, s.DeliveryTimeout) = (TimeSpan.Zero, TimeSpan.FromSeconds(2)));
        var delivery = new Delivery();

        Bench.TryAppend(producer, bench.Name, "k", "v", delivery: delivery);
        var failures = await delivery.SealAndWaitAsync(bench.Cancellation);

        Assert.Single(failures);
        Assert.Null(await bench.Admin.PartitionCountAsync(bench.Name, bench.Cancellation));
        Assert.Equal(KafkaErrorKind.Refused, Assert.Throws<KafkaException>(() => producer.PartitionCount(bench.Name)).Kind);
    }

    [SkippableFact]
    public async Task A_full_buffer_says_so_and_room_comes_with_acknowledgements()
    {
        await using var bench = Start();
        var topic = await bench.TopicAsync();
        var producer = bench.Producer(s => (s.BufferBytesMax, s.RecordBytesMax, s.Linger) = (64 << 10, 32 << 10, TimeSpan.FromMinutes(1.5)));
        var value = new string('x', 10_000);
        var taken = 0;

        while (Bench.TryAppend(producer, topic, null, value))
            taken++;
        var room = producer.WaitForRoomAsync(bench.Cancellation);
        Assert.False(room.IsCompleted);

        // The linger keeps it full until then, however slow this machine is.
        await producer.FlushAsync(bench.Cancellation);
        await room;

        Assert.InRange(taken, 1, 6);

        // Room is worth a try, no promise: librdkafka lets go of a record a moment after it has told of it.
        await bench.AppendAsync(producer, topic, null, value);
        await producer.FlushAsync(bench.Cancellation);
        Assert.Equal(taken + 1, bench.ReadAll(topic, 1, taken + 1).Count);
    }

    [SkippableFact]
    public async Task A_flush_does_not_wait_for_the_linger()
    {
        await using var bench = Start();
        var topic = await bench.TopicAsync();
        var producer = bench.Producer(s => s.Linger = TimeSpan.FromMinutes(1.5));

        await bench.AppendAsync(producer, topic, null, "v");
        await producer.FlushAsync(bench.Cancellation).WaitAsync(Bench.Limit);

        Assert.Single(bench.ReadAll(topic, 1, 1));
    }

    [SkippableFact]
    public async Task A_flush_tells_of_a_failure_once()
    {
        await using var bench = Start();
        var topic = await bench.TopicAsync(partitions: 1, suffix: "-small", ("max.message.bytes", "2000"));
        var producer = bench.Producer();
        await bench.AppendAsync(producer, topic, null, new string('x', 5000));

        var failure = await Assert.ThrowsAsync<KafkaException>(() => producer.FlushAsync(bench.Cancellation));
        await producer.FlushAsync(bench.Cancellation);

        Assert.Equal(KafkaErrorKind.Refused, failure.Kind);
    }

    [SkippableFact]
    public async Task What_is_appended_before_closing_is_sent()
    {
        await using var bench = Start();
        var topic = await bench.TopicAsync();
        var producer = bench.Client.CreateProducer(new ProducerSettings { Linger = TimeSpan.FromMinutes(1.5) });

        await bench.AppendAsync(producer, topic, null, "v");
        await producer.DisposeAsync();

        Assert.Single(bench.ReadAll(topic, 1, 1));
        Assert.Throws<ObjectDisposedException>(() => Bench.TryAppend(producer, topic, null, "v"));
    }

    [SkippableFact]
    public async Task The_partition_count_is_the_topics()
    {
        await using var bench = Start();
        var topic = await bench.TopicAsync(partitions: 5);

        Assert.Equal(5, bench.Producer().PartitionCount(topic));
    }

    [SkippableFact]
    public async Task With_StopAtGap_nothing_follows_a_record_that_was_refused()
    {
        await using var bench = Start();
        var topic = await bench.TopicAsync(partitions: 1, suffix: "-small", ("max.message.bytes", "2000"));
        var producer = bench.Producer(s => (s.StopAtGap, s.Linger) = (true, TimeSpan.Zero));
        var delivery = new Delivery();

        await bench.AppendAsync(producer, topic, null, "1", delivery: delivery);
        await producer.FlushAsync(bench.Cancellation);
        try
        {
            await bench.AppendAsync(producer, topic, null, new string('x', 5000), delivery: delivery);
            for (var i = 0; i < 100; i++)
                await bench.AppendAsync(producer, topic, null, "after", delivery: delivery);
        }
        catch (KafkaException e)
        {
            Assert.Equal(KafkaErrorKind.Fatal, e.Kind);
        }

        var failures = await delivery.SealAndWaitAsync(bench.Cancellation);
        Assert.Equal(1, failures[0].Index);
        using var consumer = bench.Consumer();
        Assert.Equal((0L, 1L), consumer.Watermarks(new TopicPartition(topic, 0), Bench.Limit));
        Assert.Equal(KafkaErrorKind.Fatal, Assert.Throws<KafkaException>(() => Bench.TryAppend(producer, topic, null, "late")).Kind);
    }

    [SkippableFact]
    public async Task Bytes_of_every_value_come_back_the_same()
    {
        await using var bench = Start();
        var topic = await bench.TopicAsync();
        var producer = bench.Producer();
        var random = new Random(20260101);
        var values = Enumerable.Range(0, 200).Select(i => RandomBytes(random, i is 0 ? 0 : random.Next(1, i % 20 == 0 ? 200_000 : 3000))).ToList();

        foreach (var value in values)
            Assert.True(producer.TryAppend(new OutgoingRecord { Topic = topic, HasValue = true, Value = value }));
        await producer.FlushAsync(bench.Cancellation);

        using var consumer = bench.Consumer();
        consumer.Assign([(new TopicPartition(topic, 0), StartOffset.Earliest)]);
        var read = 0;
        while (read < values.Count)
        {
            bench.Cancellation.ThrowIfCancellationRequested();
            using var records = consumer.Poll(TimeSpan.FromMilliseconds(200), 64);
            for (var i = 0; i < records.Count; i++)
                Assert.True(records.Record(0, i).Value.SequenceEqual(values[read++]), $"value {read - 1} differs");
        }
    }

    private static byte[] RandomBytes(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}

[Collection(nameof(RealBroker))]
public sealed class ProducerOnKafkaTests(RealBroker broker) : ProducerContract(broker);

[Collection(nameof(OwnBroker))]
public sealed class ProducerOnOwnBrokerTests(OwnBroker broker) : ProducerContract(broker);
