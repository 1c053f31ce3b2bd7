using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Cli.Logging;

/// <summary>How a part that runs inside this process logs, and who decides when it ends.</summary>
internal static class PartLogging
{
    /// <summary>What the parts' Build functions take.</summary>
    public static Action<ILoggingBuilder> To(params ILoggerProvider[] providers) => logging =>
    {
        logging.ClearProviders();
        logging.SetMinimumLevel(LogLevel.Information);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter("System", LogLevel.Warning);
        // What keeps a host from starting is thrown as well: the command tells it, in a line.
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        foreach (var provider in providers)
            logging.AddProvider(provider);

        // A host listens to Ctrl-C by itself; here the command does, and stops the parts in order.
        logging.Services.RemoveAll<IHostLifetime>();
        logging.Services.AddSingleton<IHostLifetime, EmbeddedLifetime>();
    };

    private sealed class EmbeddedLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
