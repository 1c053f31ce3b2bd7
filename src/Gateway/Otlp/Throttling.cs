using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Gateway.Otlp;

/// <summary>The answer on which an OTLP sender keeps what it has and sends it again, later.</summary>
/// <remarks>
/// UNAVAILABLE with <c>google.rpc.RetryInfo</c> in <c>grpc-status-details-bin</c>. Source: OTLP specification 1.x, "OTLP/gRPC Throttling";
/// google/rpc/status.proto and error_details.proto for the fields' numbers.
/// </remarks>
internal static class Throttling
{
    internal const string DetailsHeader = "grpc-status-details-bin";
    internal const string RetryInfoType = "type.googleapis.com/google.rpc.RetryInfo";

    // A request is held for milliseconds while Kafka keeps up. Senders whose own pause is longer by then keep to their own.
    private static readonly Duration _pause = Duration.FromTimeSpan(TimeSpan.FromSeconds(1));

    /// <summary>UNAVAILABLE, and how long to wait.</summary>
    public static RpcException ComeAgain(string detail) => new(
        new Status(StatusCode.Unavailable, detail),
        new Metadata { { DetailsHeader, Details(StatusCode.Unavailable, detail) } });

    private static byte[] Details(StatusCode code, string detail) => Message(output =>
    {
        var retryInfo = new Any { TypeUrl = RetryInfoType, Value = ByteString.CopyFrom(Message(info => Write(info, field: 1, _pause))) };
        output.WriteTag(1, WireFormat.WireType.Varint);
        output.WriteInt32((int)code);
        output.WriteTag(2, WireFormat.WireType.LengthDelimited);
        output.WriteString(detail);
        Write(output, field: 3, retryInfo);
    });

    private static void Write(CodedOutputStream output, int field, IMessage message)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteMessage(message);
    }

    private static byte[] Message(Action<CodedOutputStream> write)
    {
        using var bytes = new MemoryStream();
        using (var output = new CodedOutputStream(bytes, leaveOpen: true))
            write(output);
        return bytes.ToArray();
    }
}
