using System.Globalization;
using System.Net;
using Grpc.Core;

namespace Grpc.Wire;

/// <summary>How a status looks in <c>grpc-status</c>, and what HTTP says where there is none.</summary>
internal static class StatusValues
{
    private static readonly string[] Texts =
        [.. Enumerable.Range(0, (int)StatusCode.Unauthenticated + 1).Select(code => code.ToString(CultureInfo.InvariantCulture))];

    /// <summary>The header value of a code.</summary>
    public static string Format(StatusCode code) =>
        (uint)code < (uint)Texts.Length ? Texts[(int)code] : ((int)code).ToString(CultureInfo.InvariantCulture);

    /// <summary>The code of a header value. What is no number from 0 to 16 is UNKNOWN.</summary>
    public static StatusCode Parse(string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var code) && code < Texts.Length
            ? (StatusCode)code
            : StatusCode.Unknown;

    /// <summary>What an HTTP status means for a call that got no <c>grpc-status</c>.</summary>
    /// <remarks>Source: https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md</remarks>
    public static StatusCode FromHttp(HttpStatusCode status) => (int)status switch
    {
        400 or 431 => StatusCode.Internal,
        401 => StatusCode.Unauthenticated,
        403 => StatusCode.PermissionDenied,
        404 => StatusCode.Unimplemented,
        429 or 502 or 503 or 504 => StatusCode.Unavailable,
        _ => StatusCode.Unknown,
    };

    /// <summary>What the error code of an HTTP/2 RST_STREAM means.</summary>
    /// <remarks>Source: PROTOCOL-HTTP2.md, "Errors".</remarks>
    public static StatusCode FromReset(long errorCode) => errorCode switch
    {
        7 => StatusCode.Unavailable,
        8 => StatusCode.Cancelled,
        11 => StatusCode.ResourceExhausted,
        12 => StatusCode.PermissionDenied,
        _ => StatusCode.Internal,
    };
}
