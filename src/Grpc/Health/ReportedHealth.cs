using Grpc.HealthCheck;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using static Grpc.Health.V1.HealthCheckResponse.Types;

namespace Grpc.AspNetCore.HealthChecks;

/// <summary>Tells the health service of each regular run of the application's health checks.</summary>
internal sealed class ReportedHealth(HealthServiceImpl told, IOptions<GrpcHealthChecksOptions> options) : IHealthCheckPublisher
{
    public Task PublishAsync(HealthReport report, CancellationToken cancellationToken)
    {
        foreach (var service in options.Value.Services)
        {
            told.SetStatus(service.Name, Of(report.Entries
                .Where(entry => service.HealthCheckPredicate(new(entry.Key, entry.Value.Tags)))
                .Select(entry => entry.Value)));
        }

        return Task.CompletedTask;
    }

    /// <summary>Not serving where a check fails; unknown where there is none. A service that is degraded still serves.</summary>
    public static ServingStatus Of(IEnumerable<HealthReportEntry> entries)
    {
        var status = ServingStatus.Unknown;
        foreach (var entry in entries)
        {
            if (entry.Status == HealthStatus.Unhealthy)
                return ServingStatus.NotServing;
            status = ServingStatus.Serving;
        }

        return status;
    }
}
