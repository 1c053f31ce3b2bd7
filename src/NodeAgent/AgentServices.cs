using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using NodeAgent;
using NodeAgent.Heartbeats;
using NodeAgent.Logging;
using NodeAgent.Queue;
using NodeAgent.Ship;
using NodeAgent.Tail;
using Settings;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Puts a node agent into a .NET service.</summary>
public static class AgentServices
{
    /// <summary>Adds the agent: it starts and stops with the host.</summary>
    /// <exception cref="SetupException">A setting is wrong.</exception>
    public static IServiceCollection AddNodeAgent(this IServiceCollection services, AgentOptions options)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(options);

        Check(options);
        options.Ship.Seed ??= RandomNumberGenerator.GetInt32(int.MaxValue);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddMetrics();
        services.AddSingleton<AgentMetrics>();
        services.AddSingleton<LogIntake>();
        services.AddSingleton<GatewayChannels>();
        services.AddSingleton<VitalsReader>(provider => new(
            provider.GetRequiredService<DiskQueue>(), provider.GetRequiredService<AgentMetrics>(), options));
        services.AddSingleton<Tailer>();
        services.AddSingleton(provider =>
        {
            var queue = DiskQueue.Open(
                options.DataDirectory,
                options.Queue,
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<DiskQueue>>());
            provider.GetRequiredService<AgentMetrics>().Observe(queue, options.Queue.BytesMax);
            return queue;
        });

        // Stopped in the reverse order: no more is read, what is queued is shipped, the node says goodbye.
        services.AddHostedService<QueueFlusher>();
        services.AddHostedService<HeartbeatService>();
        services.AddHostedService<Shipper>();
        services.AddHostedService<LogPump>();
        services.AddHostedService<TailService>();
        return services;
    }

    /// <summary>Sends the service's own logs through the agent's disk queue; needs <see cref="AddNodeAgent(IServiceCollection, AgentOptions)"/>.</summary>
    /// <remarks>Filters name the provider <c>NodeAgent</c>. The agent's own messages stay out: they would feed on themselves.</remarks>
    public static ILoggingBuilder AddNodeAgent(this ILoggingBuilder logging)
    {
        ArgumentNullException.ThrowIfNull(logging);
        logging.Services.TryAddEnumerable(ServiceDescriptor.Singleton<ILoggerProvider, AgentLoggerProvider>());
        return logging;
    }

    private static void Check(AgentOptions options)
    {
        var faults = new List<ValidationResult>();
        foreach (var section in new object[] { options, options.Queue, options.Read, options.Ship, options.Logger })
        {
            if (section is not null)
                Validator.TryValidateObject(section, new ValidationContext(section), faults, validateAllProperties: true);
        }

        if (faults.Count > 0)
            throw new SetupException($"The agent's settings are wrong: {string.Join(" ", faults.Select(fault => fault.ErrorMessage))}");
    }
}
