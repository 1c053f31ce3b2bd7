using Google.Protobuf;
using Grpc.Core;
using NodeAgent.Queue;
using Streams.Contracts.V1;

namespace NodeAgent.Ship;

/// <summary>A <see cref="ShipLogsRequest"/> as bytes.</summary>
/// <remarks>Records lie in the queue as they travel: a batch is sent without being decoded or encoded again.</remarks>
internal sealed class ShipFrame
{
    private static readonly Marshaller<ShipFrame> Requests = Marshallers.Create<ShipFrame>(
        Write, (DeserializationContext _) => throw new NotSupportedException("A client only sends these."));

    private static readonly Marshaller<ShipLogsResponse> Responses = Marshallers.Create(
        (ShipLogsResponse response) => response.ToByteArray(), ShipLogsResponse.Parser.ParseFrom);

    private readonly ByteBuffer _bytes = new(64 << 10);

    /// <summary><c>Ingest.ShipLogs</c>, its requests taken as bytes.</summary>
    public static Method<ShipFrame, ShipLogsResponse> Method { get; } =
        new(MethodType.DuplexStreaming, Ingest.Descriptor.FullName, "ShipLogs", Requests, Responses);

    public ReadOnlySpan<byte> Span => _bytes.Span;

    /// <summary>Makes this a hello.</summary>
    public ShipFrame Set(Hello hello)
    {
        _bytes.Clear();
        _bytes.Bytes(new ShipLogsRequest { Hello = hello }.ToByteArray());
        return this;
    }

    /// <summary>Makes this a batch.</summary>
    public ShipFrame Set(QueueBatch batch)
    {
        _bytes.Clear();
        _bytes.Byte(0x12); // ShipLogsRequest.batch
        _bytes.Varint((ulong)(1 + ByteBuffer.VarintSize(batch.FirstSequence) + batch.Length));
        _bytes.Byte(0x08); // LogBatch.first_sequence
        _bytes.Varint(batch.FirstSequence);
        _bytes.Bytes(batch.Records);
        return this;
    }

    private static void Write(ShipFrame frame, SerializationContext context)
    {
        context.SetPayloadLength(frame._bytes.Length);
        frame._bytes.Span.CopyTo(context.GetBufferWriter().GetSpan(frame._bytes.Length));
        context.GetBufferWriter().Advance(frame._bytes.Length);
        context.Complete();
    }
}
