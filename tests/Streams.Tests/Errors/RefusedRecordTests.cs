using Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using Streams.Processing;
using Streams.Runtime;
using Streams.State;
using Streams.TestKit;

namespace Streams.Tests.Errors;

/// <summary>What happens to a record that a broker refuses: at once, or after it was sent, when the thread flushes.</summary>
public sealed class RefusedRecordTests : IDisposable
{
    private readonly RefusingProducer _producer = new();
    private readonly List<ProductionError> _told = [];

    public void Dispose() => _producer.DisposeAsync().AsTask().Wait();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_error_names_node_task_topics_partition_and_offset(bool atOnce)
    {
        var collector = Collector(null, out var context);
        _producer.Refuse("out", times: 1, atOnce);

        var error = Assert.Throws<ProductionException>(() =>
        {
            Send(collector, context);
            collector.Flush();
        });

        Assert.Equal("Node 'writer' of task 1_0 cannot write to topic 'out' on the record at offset 12 of in-3: too large", error.Message);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_handler_that_says_continue_drops_it_and_the_rest_is_written(bool atOnce)
    {
        var collector = Collector(_ => ErrorResponse.Continue, out var context);
        _producer.Refuse("out", times: 1, atOnce);

        Send(collector, context);
        Send(collector, context);
        collector.Flush();

        Assert.Single(_producer.Written);
        Assert.Equal(ProductionOrigin.Broker, Assert.Single(_told).Origin);
        Assert.Equal(new RecordMetadata("in", 3, 12), _told[0].Record);
        Assert.Equal(1, context.Dropped);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_retry_sends_it_again(bool atOnce)
    {
        var collector = Collector(_ => ErrorResponse.Retry(new RetryPolicy(4, TimeSpan.Zero)), out var context);
        _producer.Refuse("out", times: 2, atOnce);

        Send(collector, context);
        collector.Flush();

        Assert.Equal(["out: v"], _producer.Written);
        Assert.Equal([1, 2], _told.Select(t => t.Attempt));
    }

    [Fact]
    public void A_dead_letter_is_written_before_the_flush_ends()
    {
        var collector = Collector(_ => ErrorResponse.DeadLetter, out var context);
        context.Source = new DeadLetter(context.Record, "k"u8.ToArray(), "as read"u8.ToArray());
        _producer.Refuse("out", times: 1, atOnce: false);

        Send(collector, context);
        collector.Flush();

        Assert.Equal(["dead: as read"], _producer.Written);
    }

    [Fact]
    public void A_store_is_named_by_its_changelog()
    {
        Collector(null, out var context);
        var changelog = new Changelog("app-store-changelog", context);
        _producer.Refuse("app-store-changelog", times: 1, atOnce: true);

        var error = Assert.Throws<ProductionException>(() => changelog.Delete(0, 5));

        Assert.Contains("'app-store-changelog'", error.Message, StringComparison.Ordinal);
    }

    private RecordCollector Collector(Func<ProductionError, ErrorResponse>? answer, out TaskContext context)
    {
        var config = new StreamConfig
        {
            ApplicationId = "app",
            DeadLetterTopic = answer is null ? null : "dead",
            ProductionErrors = answer is null ? null : error =>
            {
                _told.Add(error);
                return answer(error);
            },
        };
        var collector = new RecordCollector(_producer, new SentRecords(keepBytes: answer is not null), TimeProvider.System, CancellationToken.None);
        context = new(new(1, 0), "app", collector, new RecordErrors(config, static _ => { }, NullLogger.Instance), TimeProvider.System)
        {
            Topic = "in",
            Partition = 3,
            Offset = 12,
        };
        return collector;
    }

    private static void Send(RecordCollector collector, TaskContext context) => collector.Send(
        new OutgoingRecord { Topic = "out", Key = "k"u8, HasKey = true, Value = "v"u8, HasValue = true, TimestampMs = 5 }, context, "writer");
}
