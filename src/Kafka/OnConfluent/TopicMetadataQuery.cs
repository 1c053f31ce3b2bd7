using Rd = Confluent.Kafka;

namespace Kafka.OnConfluent;

/// <summary>Asks the brokers about a topic over a client's own connections.</summary>
/// <remarks>
/// An admin client that borrows another client's handle lives for one question only: Confluent.Kafka 1.9.3 polls its result queue with a
/// time-out of zero for as long as it exists, a core's worth of spinning for each.
/// </remarks>
internal sealed class TopicMetadataQuery(Rd.Handle handle)
{
    public Rd.Metadata Ask(string topic, TimeSpan timeout)
    {
        using var admin = new Rd.DependentAdminClientBuilder(handle).Build();
        return admin.GetMetadata(topic, timeout);
    }
}
