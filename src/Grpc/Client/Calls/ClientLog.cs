using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Grpc.Net.Client.Calls;

/// <summary>What a channel says about its calls: only of those that fail, and quietly, since the caller is told too.</summary>
internal sealed partial class ClientLog(ILogger<GrpcChannel> logger)
{
    [LoggerMessage(1, LogLevel.Debug, "{Method} ended with {Code}: {Detail}")]
    public partial void Failed(string method, StatusCode code, string detail, Exception? exception);
}
