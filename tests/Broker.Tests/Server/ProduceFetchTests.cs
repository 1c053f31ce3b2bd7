using Kafka.Protocol;
using Kafka.Protocol.Messages;
using TestKit;

namespace Broker.Tests.Server;

public sealed class ProduceFetchTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private EmbeddedBroker _broker = null!;
    private RawClient _client = null!;

    public async Task InitializeAsync()
    {
        _broker = await EmbeddedBroker.StartAsync();
        _client = await RawClient.ConnectAsync(_broker);
        await _client.CreateTopicAsync("t");
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _broker.DisposeAsync();
    }

    [Fact]
    public async Task What_is_produced_is_fetched()
    {
        var first = await _client.ProduceAsync("t", Batches.Of("a", "b"));
        var second = await _client.ProduceAsync("t", Batches.Of("c"));

        var fetched = await _client.FetchAsync("t", 0);

        Assert.Equal((ErrorCode.None, 0L), (first.ErrorCode, first.BaseOffset));
        Assert.Equal(2, second.BaseOffset);
        Assert.Equal((3L, 3L, 0L), (fetched.HighWatermark, fetched.LastStableOffset, fetched.LogStartOffset));
        Assert.Equal([(0, "a"), (1, "b"), (2, "c")], Batches.Records(fetched.Records!.Value));
    }

    [Fact]
    public async Task A_waiting_fetch_is_woken_by_a_produce()
    {
        using var consumer = await RawClient.ConnectAsync(_broker);
        var correlation = await consumer.SendAsync(RawClient.Fetch("t", 0, maxWaitMs: 600_000), 12);

        await _client.ProduceAsync("t", Batches.Of("a"));

        var fetched = await consumer.ReceiveAsync<FetchResponse>(ApiKey.Fetch, 12, correlation); // within RawClient's patience, far below the wait
        Assert.Equal([(0, "a")], Batches.Records(fetched.Responses[0].Partitions[0].Records!.Value));
    }

    [Fact]
    public async Task A_waiting_fetch_gives_up_empty_at_its_time_limit()
    {
        var fetched = await _client.FetchAsync("t", 0, maxWaitMs: 50);

        Assert.Equal((ErrorCode.None, 0), (fetched.ErrorCode, fetched.Records!.Value.Length));
    }

    [Fact]
    public async Task A_waiting_fetch_is_told_when_its_topic_is_deleted()
    {
        using var consumer = await RawClient.ConnectAsync(_broker);
        var correlation = await consumer.SendAsync(RawClient.Fetch("t", 0, maxWaitMs: 600_000), 12);

        await _client.AskAsync(new DeleteTopicsRequest { Topics = [new() { Name = "t" }] }, 6);

        var fetched = await consumer.ReceiveAsync<FetchResponse>(ApiKey.Fetch, 12, correlation);
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, fetched.Responses[0].Partitions[0].ErrorCode);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(2)]
    public async Task A_fetch_outside_the_log_is_told_so_at_once(long offset)
    {
        await _client.ProduceAsync("t", Batches.Of("a"));

        var fetched = await _client.FetchAsync("t", offset, maxWaitMs: 600_000);

        Assert.Equal(ErrorCode.OffsetOutOfRange, fetched.ErrorCode);
    }

    [Fact]
    public async Task A_batch_repeated_after_a_crash_is_answered_with_its_first_offset()
    {
        await _client.ProduceAsync("t", Batches.Of("other"));
        var producer = await _client.AskAsync(new InitProducerIdRequest { TransactionalId = null }, 4);
        var batch = Batches.From(producer.ProducerId, producer.ProducerEpoch, 0, "a", "b");
        var first = await _client.ProduceAsync("t", batch);

        await _broker.KillAsync();
        await _broker.StartAgainAsync();

        using var client = await RawClient.ConnectAsync(_broker);
        var again = await client.ProduceAsync("t", Batches.From(producer.ProducerId, producer.ProducerEpoch, 0, "a", "b"));
        Assert.Equal((ErrorCode.None, 1L, 1L), (again.ErrorCode, first.BaseOffset, again.BaseOffset));
        Assert.Equal(3, (await client.OffsetAsync("t", -1)).Offset);
        Assert.True((await client.AskAsync(new InitProducerIdRequest { TransactionalId = null }, 4)).ProducerId > producer.ProducerId);
    }

    [Fact]
    public async Task Pipelined_batches_of_one_producer_are_answered_in_order()
    {
        for (var i = 0; i < 50; i++)
            await _client.SendAsync(RawClient.Produce("t", Batches.From(1, 0, i, $"{i}")), 9);

        var offsets = new List<long>();
        for (var i = 0; i < 50; i++)
        {
            var frame = await _client.ReceiveFrameAsync();
            offsets.Add(Frame.ReadResponse<ProduceResponse>(frame, ApiKey.Produce, 9, out _).Responses[0].PartitionResponses[0].BaseOffset);
        }

        Assert.Equal(Enumerable.Range(0, 50).Select(i => (long)i), offsets);
    }

    [Fact]
    public async Task Without_acks_there_is_no_answer_and_the_connection_goes_on()
    {
        await _client.SendAsync(RawClient.Produce("t", Batches.Of("a"), acks: 0), 9);

        var second = await _client.ProduceAsync("t", Batches.Of("b"));

        Assert.Equal(1, second.BaseOffset);
    }

    [Fact]
    public async Task Without_acks_an_error_ends_the_connection()
    {
        await _client.SendAsync(RawClient.Produce("nowhere", Batches.Of("a"), acks: 0), 9);

        Assert.Null(await _client.ReceiveFrameAsync());
    }

    public static TheoryData<string, ErrorCode> BadBatches() => new()
    {
        { "crc", ErrorCode.CorruptMessage },
        { "two", ErrorCode.InvalidRecord },
        { "short", ErrorCode.CorruptMessage },
        { "old", ErrorCode.UnsupportedForMessageFormat },
        { "large", ErrorCode.MessageTooLarge },
        { "future", ErrorCode.InvalidTimestamp },
        { "transaction", ErrorCode.InvalidTxnState },
    };

    [Theory]
    [MemberData(nameof(BadBatches))]
    public async Task A_bad_batch_is_refused_by_name_and_leaves_the_log_as_it_was(string fault, ErrorCode expected)
    {
        var batch = fault switch
        {
            "two" => [.. Batches.Of("a"), .. Batches.Of("b")],
            "large" => Batches.Of(new string('x', 2 << 20)),
            "future" => Batches.At(DateTimeOffset.MaxValue.ToUnixTimeMilliseconds(), "a"),
            "transaction" => new RecordBatchBuilder { ProducerId = 1, ProducerEpoch = 0, BaseSequence = 0, Attributes = RecordBatchAttributes.Transactional }
                .Add(Batches.Noon, null, [1]).Build(),
            _ => Batches.Of("a"),
        };
        if (fault == "crc")
            batch[^1] ^= 1;
        if (fault == "short")
            batch = batch[..^1];
        if (fault == "old")
            batch[16] = 1;

        var refused = await _client.ProduceAsync("t", batch);

        Assert.Equal(expected, refused.ErrorCode);
        Assert.False(string.IsNullOrEmpty(refused.ErrorMessage));
        Assert.Equal(0, (await _client.OffsetAsync("t", -1)).Offset);
    }

    [Fact]
    public async Task Offsets_are_found_by_time_by_end_and_by_newest()
    {
        for (var i = 0; i < 10; i++)
            await _client.ProduceAsync("t", Batches.At(Batches.Noon + i * 1000, $"{i}"));
        await _client.ProduceAsync("t", Batches.At(Batches.Noon, "late"));

        var byTime = await _client.OffsetAsync("t", Batches.Noon + 4500);
        var newest = await _client.OffsetAsync("t", -3);

        Assert.Equal((5L, Batches.Noon + 5000), (byTime.Offset, byTime.Timestamp));
        Assert.Equal((9L, Batches.Noon + 9000), (newest.Offset, newest.Timestamp));
        Assert.Equal(11, (await _client.OffsetAsync("t", -1)).Offset);
        Assert.Equal(0, (await _client.OffsetAsync("t", -2)).Offset);
        Assert.Equal(-1, (await _client.OffsetAsync("t", Batches.Noon + 10_000)).Offset);
    }

    [Fact]
    public async Task With_log_append_time_the_brokers_clock_counts()
    {
        await _client.CreateTopicAsync("stamped", 1, ("message.timestamp.type", "LogAppendTime"));

        var produced = await _client.ProduceAsync("stamped", Batches.At(1000, "a"));
        var fetched = await _client.FetchAsync("stamped", 0);

        Assert.True(produced.LogAppendTimeMs > Batches.Noon);
        Assert.Equal(RecordBatchStatus.Valid, RecordBatch.Check(fetched.Records!.Value.Span, out var header));
        Assert.Equal((true, produced.LogAppendTimeMs), (header.IsLogAppendTime, header.MaxTimestamp));
    }

    [Fact]
    public async Task Deleted_records_stay_deleted_after_a_crash()
    {
        for (var i = 0; i < 5; i++)
            await _client.ProduceAsync("t", Batches.Of($"{i}"));

        var deleted = await _client.AskAsync(
            new DeleteRecordsRequest { Topics = [new() { Name = "t", Partitions = [new() { PartitionIndex = 0, Offset = 3 }] }] }, 2);
        await _broker.KillAsync();
        await _broker.StartAgainAsync();

        using var client = await RawClient.ConnectAsync(_broker);
        Assert.Equal(3, deleted.Topics[0].Partitions[0].LowWatermark);
        Assert.Equal(3, (await client.OffsetAsync("t", -2)).Offset);
        Assert.Equal(ErrorCode.OffsetOutOfRange, (await client.FetchAsync("t", 2)).ErrorCode);
    }

    [Fact]
    public async Task A_fetch_that_waits_does_not_hold_up_a_stop()
    {
        using var consumer = await RawClient.ConnectAsync(_broker);
        var correlation = await consumer.SendAsync(RawClient.Fetch("t", 0, maxWaitMs: 600_000), 12);
        await _client.ProduceAsync("t", Batches.Of("a")); // the fetch is answered, or was not yet read: either way the next one waits
        await consumer.ReceiveAsync<FetchResponse>(ApiKey.Fetch, 12, correlation);
        await consumer.SendAsync(RawClient.Fetch("t", 1, maxWaitMs: 600_000), 12);

        await _broker.StopAsync().WaitAsync(Patience);
    }
}
