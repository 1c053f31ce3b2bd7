using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Broker;

/// <summary>A broker that starts and stops with its host.</summary>
public sealed class BrokerService : IHostedService, IAsyncDisposable
{
    private readonly BrokerOptions _options;
    private readonly ILoggerFactory _loggers;
    private readonly TimeProvider _time;
    private readonly IMeterFactory _meters;
    private volatile BrokerServer? _server;

    /// <summary>Makes the service; it does nothing before its host starts.</summary>
    public BrokerService(BrokerOptions options, ILoggerFactory loggers, TimeProvider time, IMeterFactory meters) =>
        (_options, _loggers, _time, _meters) = (options, loggers, time, meters);

    /// <summary>What to give a client as its <c>bootstrap.servers</c>; empty before the start.</summary>
    public string BootstrapServers => _server?.BootstrapServers ?? "";

    internal string? Trouble => _server is null ? "The log is being loaded; no client can connect yet." : null;

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken) =>
        _server = await BrokerServer.StartAsync(_options, _loggers, _time, cancellationToken, _meters).ConfigureAwait(false);

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => _server?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;
}
