using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using NodeAgent;
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
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        return services;
    }

    /// <summary>Sends the service's own logs through the agent's disk queue; needs <see cref="AddNodeAgent(IServiceCollection, AgentOptions)"/>.</summary>
    /// <remarks>Filters name the provider <c>NodeAgent</c>. The agent's own messages stay out: they would feed on themselves.</remarks>
    public static ILoggingBuilder AddNodeAgent(this ILoggingBuilder logging)
    {
        ArgumentNullException.ThrowIfNull(logging);
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
