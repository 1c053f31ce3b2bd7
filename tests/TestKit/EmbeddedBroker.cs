using Broker;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace TestKit;

/// <summary>A real broker in this process, on a port and in a folder of its own.</summary>
public sealed class EmbeddedBroker : IAsyncDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly BrokerOptions _options;
    private readonly ILoggerFactory _loggers;
    private readonly TimeProvider _time;
    private BrokerServer? _server;

    private EmbeddedBroker(Action<BrokerOptions>? configure, ILoggerFactory? loggers, TimeProvider? time)
    {
        _options = new() { DataDirectory = _folder.Combine("broker"), Port = UnusedPort.Take() };
        configure?.Invoke(_options);
        _loggers = loggers ?? NullLoggerFactory.Instance;
        _time = time ?? TimeProvider.System;
    }

    /// <summary><c>host:port</c>; the same after a restart.</summary>
    public string BootstrapServers => Server.BootstrapServers;

    public int Port => Server.Port;

    public string DataDirectory => _options.DataDirectory;

    private BrokerServer Server => _server ?? throw new InvalidOperationException("The broker is stopped.");

    public static async Task<EmbeddedBroker> StartAsync(
        Action<BrokerOptions>? configure = null, ILoggerFactory? loggers = null, TimeProvider? time = null)
    {
        var broker = new EmbeddedBroker(configure, loggers, time);
        await broker.StartAgainAsync();
        return broker;
    }

    /// <summary>Stops it as SIGTERM does. <see cref="StartAgainAsync"/> finds the same folder and the same port.</summary>
    public async Task StopAsync()
    {
        if (_server is { } server)
        {
            _server = null;
            await server.StopAsync(CancellationToken.None);
        }
    }

    /// <summary>Drops it as kill -9 would: nothing is flushed, and recovery has to make sense of the folder.</summary>
    public async Task KillAsync()
    {
        if (_server is { } server)
        {
            _server = null;
            await server.AbandonAsync();
        }
    }

    /// <summary>Starts it on the folder and the port it had before.</summary>
    public async Task StartAgainAsync()
    {
        _server = await BrokerServer.StartAsync(_options, _loggers, _time, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _folder.Dispose();
    }
}
