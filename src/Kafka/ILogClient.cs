namespace Kafka;

/// <summary>The way to one Kafka cluster: makes the producers, consumers and admin clients that every part uses.</summary>
public interface ILogClient
{
    /// <summary>Makes a producer. It connects in the background.</summary>
    ILogProducer CreateProducer(ProducerSettings settings);

    /// <summary>Makes a consumer. It connects in the background.</summary>
    ILogConsumer CreateConsumer(ConsumerSettings settings);

    /// <summary>Makes an admin client.</summary>
    ILogAdmin CreateAdmin();
}
