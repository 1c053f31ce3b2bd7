using Gateway.Ingest;
using Grpc.Core;
using Kafka;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests;

/// <summary>The stream's small decisions.</summary>
public sealed class StreamEndTests
{
    private static readonly KafkaException Kafka = new(KafkaErrorKind.Retriable, 7, "slow");
    private static readonly RpcException Rules = new(new Status(StatusCode.InvalidArgument, "rules"));
    private static readonly OperationCanceledException Cancelled = new();

    [Fact]
    public void Kafkas_failure_explains_a_reading_that_was_broken_off() =>
        Assert.Same(Kafka, StreamEnd.Decide(Cancelled, Kafka, left: false, stopping: false));

    [Fact]
    public void A_broken_rule_is_told_even_while_stopping() =>
        Assert.Same(Rules, StreamEnd.Decide(Rules, null, left: false, stopping: true));

    [Fact]
    public void A_sender_that_left_is_told_nothing() =>
        Assert.IsType<OperationCanceledException>(StreamEnd.Decide(Cancelled, Cancelled, left: true, stopping: true));

    [Fact]
    public void Stopping_sends_the_sender_elsewhere() =>
        Assert.Equal(StatusCode.Unavailable, Assert.IsType<RpcException>(StreamEnd.Decide(Cancelled, null, left: false, stopping: true)).StatusCode);

    [Fact]
    public void A_stream_that_is_done_ends_well() =>
        Assert.Null(StreamEnd.Decide(null, null, left: false, stopping: false));

    [Fact]
    public void A_sender_may_burst_for_a_second_and_then_pays_back_what_it_owes()
    {
        var time = new FakeTimeProvider();
        var pacer = new RatePacer(100, time);

        Assert.Equal(TimeSpan.Zero, pacer.Take(100));
        Assert.Equal(TimeSpan.FromSeconds(2), pacer.Take(200));
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(TimeSpan.FromSeconds(0.5), pacer.Take(50));
        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(TimeSpan.FromSeconds(1), pacer.Take(200));
    }

    [Fact]
    public void Without_a_rate_nobody_pauses() =>
        Assert.Equal(TimeSpan.Zero, new RatePacer(0, new FakeTimeProvider()).Take(int.MaxValue));
}
