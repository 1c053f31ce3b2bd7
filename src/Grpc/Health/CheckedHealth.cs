using Grpc.Core;
using Grpc.Health.V1;
using Grpc.HealthCheck;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using static Grpc.Health.V1.HealthCheckResponse.Types;

namespace Grpc.AspNetCore.HealthChecks;

/// <summary>The health service of an application with ASP.NET Core health checks.</summary>
internal sealed class CheckedHealth(
    HealthServiceImpl told, HealthCheckService checks, IOptions<GrpcHealthChecksOptions> options, IOptions<HealthCheckServiceOptions> registered, IHostApplicationLifetime lifetime)
    : Health.V1.Health.HealthBase
{
    private bool IsStopping => lifetime.ApplicationStopping.IsCancellationRequested;

    public override async Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context)
    {
        if (!options.Value.Services.TryGetServiceMapping(request.Service, out var service))
            return await told.Check(request, context).ConfigureAwait(false);
        if (IsStopping)
            return new() { Status = ServingStatus.NotServing };
        if (!options.Value.UseHealthChecksCache)
            await RunAsync(service, context.CancellationToken).ConfigureAwait(false);
        return await told.Check(request, context).ConfigureAwait(false);
    }

    public override async Task Watch(HealthCheckRequest request, IServerStreamWriter<HealthCheckResponse> responseStream, ServerCallContext context)
    {
        if (!options.Value.UseHealthChecksCache && !IsStopping && options.Value.Services.TryGetServiceMapping(request.Service, out var service))
            await RunAsync(service, context.CancellationToken).ConfigureAwait(false);

        var stopping = options.Value.SuppressCompletionOnShutdown ? CancellationToken.None : lifetime.ApplicationStopping;
        await told.WatchAsync(request.Service, responseStream, stopping, context.CancellationToken).ConfigureAwait(false);
    }

    // Whoever watches the service hears of it too.
    private async Task RunAsync(ServiceMapping service, CancellationToken cancellation)
    {
        var tags = registered.Value.Registrations.ToDictionary(check => check.Name, check => check.Tags, StringComparer.Ordinal);
        var report = await checks.CheckHealthAsync(check => service.HealthCheckPredicate(new(check.Name, tags[check.Name])), cancellation).ConfigureAwait(false);
        told.SetStatus(service.Name, ReportedHealth.Of(report.Entries.Values));
    }
}
