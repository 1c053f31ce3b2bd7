using Broker.Groups;
using Broker.Topics;
using Kafka.Protocol;
using Kafka.Protocol.Messages;

namespace Broker.Requests;

/// <summary>Gives idempotent producers their ids.</summary>
internal sealed class ProducerIdRequests(TopicCatalog topics)
{
    public InitProducerIdResponse Init(InitProducerIdRequest request, RequestContext from)
    {
        // A producer that asks for a newer epoch of its id gets a new id: nothing of the old one's sequence is in its way then.
        if (request.TransactionalId is null)
            return new() { ProducerId = topics.TakeProducerId(), ProducerEpoch = 0 };

        // An error that clients do not try again: waiting will not bring transactions to this broker.
        return new()
        {
            ErrorCode = request.TransactionalId.Length == 0 ? ErrorCode.InvalidRequest : ErrorCode.UnsupportedVersion,
            ProducerEpoch = -1,
        };
    }
}
