using Kafka.Protocol;

namespace Broker.Topics;

/// <summary>What became of a change to the topics: <see cref="ErrorCode.None"/>, or why it was refused, in words for the client.</summary>
internal readonly record struct CatalogResult(ErrorCode Error, string? Message, Topic? Topic)
{
    public static CatalogResult Done(Topic? topic = null) => new(ErrorCode.None, null, topic);

    public static CatalogResult Refused(ErrorCode error, string message) => new(error, message, null);
}
