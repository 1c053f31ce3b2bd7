namespace Grpc.AspNetCore.HealthChecks;

/// <summary>How the gRPC health service tells of the application's health checks.</summary>
public sealed class GrpcHealthChecksOptions
{
    /// <summary>Which health checks make the health of which service. From the beginning all of them make that of the server as a whole, named "".</summary>
    public ServiceMappingCollection Services { get; } = [];

    /// <summary>
    /// Whether answers come from the last regular run of the health checks (as often as <c>HealthCheckPublisherOptions.Period</c> says, 30 s by default);
    /// false, the default, runs them for each Check and at the beginning of each Watch.
    /// </summary>
    public bool UseHealthChecksCache { get; set; }

    /// <summary>
    /// Whether a Watch goes on while the application stops; false, the default, ends it with NOT_SERVING, since a stream that stays open holds up the stopping.
    /// </summary>
    public bool SuppressCompletionOnShutdown { get; set; }
}
