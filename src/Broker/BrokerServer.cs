using Microsoft.Extensions.Logging;

namespace Broker;

/// <summary>An embedded, durable, single-node log that speaks the Kafka protocol.</summary>
public sealed class BrokerServer : IAsyncDisposable
{
    private BrokerServer()
    {
    }

    /// <summary>The port it listens on: the one asked for, or the one the system chose for 0.</summary>
    public int Port { get; private init; }

    /// <summary>What to give a client as its <c>bootstrap.servers</c>: <c>host:port</c> as advertised.</summary>
    public string BootstrapServers { get; private init; } = "";

    /// <summary>Recovers the data folder, starts to listen, and returns once clients can connect.</summary>
    /// <exception cref="global::Settings.SetupException">A setting is out of range, the folder cannot be used, or the port is taken.</exception>
    public static Task<BrokerServer> StartAsync(
        BrokerOptions options, ILoggerFactory loggers, TimeProvider time, CancellationToken cancellation) =>
        throw new NotSupportedException("The broker's server has not landed yet.");

    /// <summary>Answers what is being answered, flushes everything to disk and lets the folder go. Safe to call twice.</summary>
    /// <param name="cancellation">Ends the wait for open requests; data is flushed in any case.</param>
    public Task StopAsync(CancellationToken cancellation) =>
        Port == 0 ? Task.CompletedTask : throw new NotSupportedException("The broker's server has not landed yet.");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAsync(CancellationToken.None).ConfigureAwait(false);
}
