using System.ComponentModel.DataAnnotations;
using System.Diagnostics.Metrics;
using Metrics.Admin;
using Metrics.Collecting;
using Metrics.Runtime;
using Microsoft.Extensions.Logging;
using Settings;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Gives a part its metrics and health.</summary>
public static class AdminServices
{
    /// <summary>
    /// Adds the admin server. Before anything else that a host starts or that measures: what it does not hear from the beginning it cannot
    /// add up.
    /// </summary>
    /// <param name="services">The part's services.</param>
    /// <param name="part">The part's name in messages, such as <c>gateway</c>.</param>
    /// <param name="options">Where it answers.</param>
    /// <param name="dataDirectory">Folder whose volume is watched for room; null for a part that keeps nothing.</param>
    /// <exception cref="SetupException">A setting is wrong.</exception>
    public static IServiceCollection AddAdmin(this IServiceCollection services, string part, AdminOptions options, string? dataDirectory = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(options);
        var faults = new List<ValidationResult>();
        if (!Validator.TryValidateObject(options, new ValidationContext(options), faults, validateAllProperties: true))
            throw new SetupException($"The {part}'s settings are wrong: {string.Join(" ", faults.Select(fault => fault.ErrorMessage))}");

        services.AddMetrics();
        services.AddSingleton(provider => new ProcessMeter(provider.GetRequiredService<IMeterFactory>(), dataDirectory));
        services.AddSingleton(provider => new MetricCollector(
            provider.GetRequiredService<IMeterFactory>(), options.SeriesMax, provider.GetRequiredService<ILogger<MetricCollector>>()));
        services.AddSingleton(provider => new AdminServer(part, options, provider.GetRequiredService<MetricCollector>(), provider));
        services.AddHostedService(provider => provider.GetRequiredService<AdminServer>());
        return services;
    }
}
