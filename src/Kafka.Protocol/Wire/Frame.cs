using Kafka.Protocol.Messages;

namespace Kafka.Protocol;

/// <summary>Whole requests and responses with the size and header in front of them.</summary>
public static class Frame
{
    /// <summary>Writes a request's frame into a writer that is empty.</summary>
    public static void WriteRequest<TRequest>(ProtocolWriter writer, TRequest request, short version, int correlationId, string? clientId)
        where TRequest : IRequest<TRequest>
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(request);
        writer.BeginFrame();
        var header = new RequestHeader
        {
            RequestApiKey = TRequest.Api,
            RequestApiVersion = version,
            CorrelationId = correlationId,
            ClientId = clientId,
        };
        header.Write(writer, RequestHeader.VersionFor(TRequest.Api, version));
        request.Write(writer, version);
        writer.EndFrame();
    }

    /// <summary>Writes a response's frame into a writer that is empty.</summary>
    /// <param name="writer">Where the frame goes.</param>
    /// <param name="api">The API that was asked.</param>
    /// <param name="version">The version it was asked in.</param>
    /// <param name="correlationId">The number the client gave its request.</param>
    /// <param name="response">The answer.</param>
    public static void WriteResponse(ProtocolWriter writer, ApiKey api, short version, int correlationId, IMessage response)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(response);
        writer.BeginFrame();
        new ResponseHeader { CorrelationId = correlationId }.Write(writer, ResponseHeader.VersionFor(api, version));
        response.Write(writer, version);
        writer.EndFrame();
    }

    /// <summary>Reads a response from a frame without its size.</summary>
    /// <exception cref="ProtocolException">The bytes do not hold such a response, or bytes are left over.</exception>
    public static TResponse ReadResponse<TResponse>(ReadOnlyMemory<byte> frame, ApiKey api, short version, out int correlationId)
        where TResponse : IMessage<TResponse>
    {
        var reader = new ProtocolReader(frame);
        correlationId = ResponseHeader.Read(ref reader, ResponseHeader.VersionFor(api, version)).CorrelationId;
        var response = TResponse.Read(ref reader, version);
        return reader.Remaining == 0
            ? response
            : throw new ProtocolException($"Malformed Kafka frame: {reader.Remaining} bytes follow the {api} response v{version}.");
    }
}
