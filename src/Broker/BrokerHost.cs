using Metrics.Admin;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Broker;

/// <summary>The broker as a host of its own, with its metrics and health.</summary>
public static class BrokerHost
{
    /// <summary>Puts the broker together. The caller starts, stops and disposes it; <see cref="BrokerService"/> says where it listens.</summary>
    /// <param name="options">Where to listen and what to keep.</param>
    /// <param name="logging">Where its log goes.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="Settings.SetupException">A setting is wrong; starting throws it where the folder cannot be used or a port is taken.</exception>
    public static IHost Build(BrokerOptions options, Action<ILoggingBuilder> logging, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(logging);
        ArgumentNullException.ThrowIfNull(time);

        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        logging(builder.Logging);
        builder.Services.AddAdmin("broker", options.Admin, options.DataDirectory);
        builder.Services.AddSingleton(services => new ReadinessCheck("log", () => services.GetRequiredService<BrokerService>().Trouble));
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(time);
        builder.Services.AddSingleton<BrokerService>();
        builder.Services.AddHostedService(services => services.GetRequiredService<BrokerService>());
        return builder.Build();
    }
}
