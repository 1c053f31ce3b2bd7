using Grpc.Core;
using Grpc.Wire;
using Microsoft.AspNetCore.Http;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>Answers a request that no handler will see.</summary>
internal static class CallRejection
{
    /// <summary>True for a request that is a gRPC call; any other has been answered.</summary>
    public static bool IsCall(HttpContext http, ServerLog log)
    {
        if (!HttpProtocol.IsHttp2(http.Request.Protocol) && (HttpProtocol.IsHttp11(http.Request.Protocol) || HttpProtocol.IsHttp10(http.Request.Protocol)))
        {
            log.WrongProtocol(http.Request.Protocol);
            Reject(http.Response, StatusCodes.Status426UpgradeRequired, StatusCode.Internal,
                $"Request protocol '{http.Request.Protocol}' is not supported: gRPC needs HTTP/2.");
            http.Response.Headers.Upgrade = "HTTP/2";
            return false;
        }

        if (!WireHeaders.IsGrpc(http.Request.ContentType))
        {
            log.WrongContentType(http.Request.ContentType);
            Reject(http.Response, StatusCodes.Status415UnsupportedMediaType, StatusCode.Internal,
                $"Content-Type '{http.Request.ContentType}' is not supported: gRPC needs '{WireHeaders.ContentType}'.");
            return false;
        }

        return true;
    }

    /// <summary>Says that there is no such method.</summary>
    public static Task Unimplemented(HttpContext http, ServerLog log, string detail)
    {
        if (!IsCall(http, log))
            return Task.CompletedTask;

        log.Unimplemented(http.Request.Path.Value);
        Reject(http.Response, StatusCodes.Status200OK, StatusCode.Unimplemented, detail);
        http.Response.ContentType = WireHeaders.ContentType;
        return Task.CompletedTask;
    }

    private static void Reject(HttpResponse response, int httpStatus, StatusCode code, string detail)
    {
        response.StatusCode = httpStatus;
        response.Headers[WireHeaders.Status] = StatusValues.Format(code);
        response.Headers[WireHeaders.Message] = PercentEncoding.Encode(detail);
    }
}
