using Metrics.Admin;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Forwarding;

/// <summary>The room's composition.</summary>
internal static class ForwardingServices
{
    /// <summary>Adds the forwarding to Fluentd, which does nothing where no server is set.</summary>
    public static void AddForwarding(this IServiceCollection services, GatewayOptions options)
    {
        var fluentd = options.Fluentd;
        services.AddSingleton(fluentd);
        services.AddSingleton(provider => new ForwardBuffer(EventTags.All(fluentd), fluentd, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<ForwardMetrics>();
        services.AddSingleton<Forwarder>();
        if (!fluentd.IsOn)
            return;

        services.AddSingleton(ForwardTarget.Of(fluentd));
        services.AddSingleton(new Backoff(fluentd.RetryInterval, fluentd.RetryIntervalMax, new Random()));
        services.AddSingleton<ForwardSender>();
        services.AddHostedService(provider => provider.GetRequiredService<ForwardSender>());
        if (fluentd.IsRequired)
            services.AddSingleton(provider => new ReadinessCheck("fluentd", () => provider.GetRequiredService<ForwardSender>().Trouble));
    }
}
