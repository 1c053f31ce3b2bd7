using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>What the server says about calls. Nothing is said once per message, nor of a call that went well.</summary>
internal sealed partial class ServerLog(ILogger<GrpcServiceOptions> logger)
{
    [LoggerMessage(1, LogLevel.Error, "The handler of {Method} threw. The client is told UNKNOWN.")]
    public partial void HandlerThrew(string method, Exception exception);

    [LoggerMessage(2, LogLevel.Debug, "{Method} ended with {Code}: {Detail}")]
    public partial void Failed(string method, StatusCode code, string detail, Exception? exception);

    [LoggerMessage(3, LogLevel.Debug, "{Method} ran past its deadline, {Deadline}.")]
    public partial void DeadlineExceeded(string method, DateTime deadline);

    [LoggerMessage(4, LogLevel.Debug, "{Method} was cancelled by its client.")]
    public partial void Cancelled(string method);

    [LoggerMessage(5, LogLevel.Information, "{Method} came with a malformed grpc-timeout '{Value}', which was ignored.")]
    public partial void MalformedTimeout(string method, string value);

    [LoggerMessage(6, LogLevel.Information, "A call came with content type '{ContentType}' and was refused.")]
    public partial void WrongContentType(string? contentType);

    [LoggerMessage(7, LogLevel.Information, "A call came over {Protocol} and was refused: gRPC needs HTTP/2. Check the listener's Protocols.")]
    public partial void WrongProtocol(string protocol);

    [LoggerMessage(8, LogLevel.Information, "{Path} was called and is not implemented.")]
    public partial void Unimplemented(string? path);

    [LoggerMessage(9, LogLevel.Debug, "{Method} could not be told that its deadline passed.")]
    public partial void ExpiryFailed(string method, Exception exception);
}
