using Streams;
using Streams.Contracts.V1;

namespace Monitor.Pipeline;

/// <summary>Ids of records: the same for one and the same record, however often it is sent or read.</summary>
internal static class RecordId
{
    /// <summary><c>node:epoch:sequence</c>, or <c>topic:partition:offset</c> where the sender does not number its records.</summary>
    public static string Of(string nodeId, Position? position, RecordMetadata source) => position is { Sequence: > 0 }
        ? $"{nodeId}:{position.Epoch}:{position.Sequence}"
        : Of(source);

    /// <summary><c>topic:partition:offset</c>.</summary>
    public static string Of(RecordMetadata source) => $"{source.Topic}:{source.Partition}:{source.Offset}";
}
