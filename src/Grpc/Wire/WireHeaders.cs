namespace Grpc.Wire;

/// <summary>Header names and values that the protocol itself uses.</summary>
/// <remarks>Source: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md</remarks>
internal static class WireHeaders
{
    public const string ContentType = "application/grpc";
    public const string Status = "grpc-status";
    public const string Message = "grpc-message";
    public const string Timeout = "grpc-timeout";
    public const string Encoding = "grpc-encoding";
    public const string AcceptEncoding = "grpc-accept-encoding";

    /// <summary>How an application asks for compression of one call: it is a header of ours and never travels.</summary>
    public const string EncodingRequest = "grpc-internal-encoding-request";

    public const string Identity = "identity";
    public const string TE = "te";
    public const string UserAgent = "user-agent";
    public const string Trailers = "trailers";

    /// <summary>True for <c>application/grpc</c>, alone or followed by a format (<c>+proto</c>) or parameters (<c>;charset=utf-8</c>).</summary>
    public static bool IsGrpc(string? contentType)
    {
        if (contentType is null || !contentType.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase))
            return false;
        return contentType.Length == ContentType.Length || contentType[ContentType.Length] is '+' or ';' or ' ';
    }
}
