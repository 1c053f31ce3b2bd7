using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Grpc.Wire;

namespace Grpc.Net.Client.Calls;

/// <summary>Finds the status that a response or an exception means for its call.</summary>
internal static class FailureStatus
{
    // How .NET begins to tell of a GOAWAY. Its error code alone could be a stream's.
    private const string Closed = "The HTTP/2 server closed the connection";

    /// <summary>The status that ends a call with its response's headers; null where messages follow.</summary>
    public static Status? OfHeaders(HttpResponseMessage response)
    {
        // Trailers-Only: whatever else is odd about such a response, its own status is the best that is known.
        if (OfTrailers(response.Headers) is { } status)
            return status;

        if (response.StatusCode != HttpStatusCode.OK)
            return new(StatusValues.FromHttp(response.StatusCode), $"Bad gRPC response. HTTP status code: {(int)response.StatusCode}");
        if (response.Version < HttpVersion.Version20)
            return new(StatusCode.Internal, $"Bad gRPC response. It came over HTTP/{response.Version}; gRPC needs HTTP/2.");

        var contentType = ContentTypeOf(response);
        if (!WireHeaders.IsGrpc(contentType))
            return new(StatusCode.Unknown, $"Bad gRPC response. Content-Type '{contentType}' is not '{WireHeaders.ContentType}'.");
        return null;
    }

    /// <summary>The status among trailers; null where there is none.</summary>
    public static Status? OfTrailers(System.Net.Http.Headers.HttpResponseHeaders trailers)
    {
        if (!trailers.NonValidated.TryGetValues(WireHeaders.Status, out var codes))
            return null;

        var detail = trailers.NonValidated.TryGetValues(WireHeaders.Message, out var messages)
            ? PercentEncoding.Decode(messages.ToString())
            : "";
        return new(StatusValues.Parse(codes.ToString()), detail);
    }

    /// <summary>The status of a call that this exception ended.</summary>
    public static Status Of(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case RpcException failure:
                    return failure.Status;

                // No error code tells a server that is silent from one that breaks the protocol; the option's name in the text does.
                case HttpProtocolException silence when silence.Message.Contains(nameof(SocketsHttpHandler.KeepAlivePingDelay), StringComparison.Ordinal):
                    return new(StatusCode.Unavailable, $"The server is silent. {silence.Message}", exception);

                // A server that stops, or has had enough: the calls on its connection are lost with it.
                case HttpProtocolException closed when closed.Message.StartsWith(Closed, StringComparison.Ordinal):
                    return new(StatusCode.Unavailable, closed.Message, exception);
                case HttpProtocolException protocol:
                    return new(StatusValues.FromReset(protocol.ErrorCode), protocol.Message, exception);
                case SocketException or TimeoutException:
                    return new(StatusCode.Unavailable, $"The server cannot be reached. {cause.Message}", exception);
            }
        }

        return exception switch
        {
            HttpRequestException { HttpRequestError: HttpRequestError.VersionNegotiationError } =>
                new(StatusCode.Internal, exception.Message, exception),
            HttpRequestException or IOException => new(StatusCode.Unavailable, $"The connection failed. {exception.Message}", exception),
            OperationCanceledException => new(StatusCode.Cancelled, "The call was cancelled.", exception),
            _ => new(StatusCode.Internal, $"The call failed. {exception.GetType().Name}: {exception.Message}", exception),
        };
    }

    private static string? ContentTypeOf(HttpResponseMessage response) =>
        response.Content.Headers.NonValidated.TryGetValues("Content-Type", out var values) ? values.ToString() : null;
}
