using Microsoft.Extensions.Logging.Abstractions;

namespace Kafka.Tests;

/// <summary>Settings that make no sense are told before anything connects.</summary>
public sealed class SettingsTests
{
    private static readonly ConfluentLogClient Client = new(new KafkaSettings(), NullLoggerFactory.Instance);

    [Fact]
    public void No_brokers_to_start_from() =>
        Assert.Contains("BootstrapServers", Assert.Throws<ArgumentException>(
            () => new ConfluentLogClient(new KafkaSettings { BootstrapServers = " " }, NullLoggerFactory.Instance)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_buffer_smaller_than_a_record() =>
        Assert.Contains("BufferBytesMax", Assert.Throws<ArgumentException>(
            () => Client.CreateProducer(new ProducerSettings { BufferBytesMax = 1000 })).Message, StringComparison.Ordinal);

    [Fact]
    public void A_delivery_that_times_out_before_its_batch_is_sent() =>
        Assert.Contains("DeliveryTimeout", Assert.Throws<ArgumentException>(
            () => Client.CreateProducer(new ProducerSettings { DeliveryTimeout = TimeSpan.FromMilliseconds(1) })).Message, StringComparison.Ordinal);

    [Fact]
    public void Polls_further_apart_than_a_session_lasts() =>
        Assert.Contains("PollIntervalMax", Assert.Throws<ArgumentException>(
            () => Client.CreateConsumer(new ConsumerSettings { PollIntervalMax = TimeSpan.FromSeconds(1) })).Message, StringComparison.Ordinal);

    [Fact]
    public void Subscribing_without_a_group()
    {
        using var consumer = Client.CreateConsumer(new ConsumerSettings());

        Assert.Throws<InvalidOperationException>(() => consumer.Subscribe(["orders"], new Ears()));
    }
}
