using Metrics.Admin;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NodeAgent.Queue;

namespace NodeAgent;

/// <summary>The node agent as a host of its own.</summary>
public static class AgentHost
{
    /// <summary>Puts the agent together. The caller starts, stops and disposes it.</summary>
    /// <param name="options">Who it is, what it reads, to whom it ships.</param>
    /// <param name="logging">Where the agent's own log goes.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="Settings.SetupException">A setting is wrong; starting throws it where the data folder cannot be used.</exception>
    public static IHost Build(AgentOptions options, Action<ILoggingBuilder> logging, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(logging);
        ArgumentNullException.ThrowIfNull(time);

        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        logging(builder.Logging);
        builder.Services.AddAdmin("agent", options.Admin, options.DataDirectory);
        builder.Services.AddSingleton(services => new ReadinessCheck("queue", () => services.GetRequiredService<DiskQueue>().Trouble));
        builder.Services.AddSingleton(time);
        builder.Services.AddNodeAgent(options);
        return builder.Build();
    }
}
