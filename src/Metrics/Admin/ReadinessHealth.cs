using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Metrics.Admin;

/// <summary>A part's readiness as one of ASP.NET Core's health checks, for whoever asks by another way than <c>/readyz</c>.</summary>
internal sealed class ReadinessHealth(IEnumerable<ReadinessCheck> checks) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var troubles = checks.Troubles().ToList();
        return Task.FromResult(troubles.Count == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy(string.Join(" ", troubles)));
    }
}

/// <summary>Adds it.</summary>
public static class ReadinessHealthExtensions
{
    // Asking costs nothing: checks answer from what is known.
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    /// <summary>Adds the part's readiness checks to its health checks, as one. They are looked at every two seconds, and whenever someone asks.</summary>
    /// <exception cref="ArgumentNullException">The argument is null.</exception>
    public static IHealthChecksBuilder AddReadiness(this IHealthChecksBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.Configure<HealthCheckPublisherOptions>(runs => (runs.Delay, runs.Period) = (TimeSpan.FromSeconds(1), Period));

        // Whoever waits for what is missing has said so in the log, once. The health checks would say it each time.
        builder.Services.AddLogging(logging => logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None));
        return builder.AddCheck<ReadinessHealth>("readiness");
    }
}
