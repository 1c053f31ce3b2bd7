using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Settings;

namespace Broker.Server;

/// <summary>Takes connections, up to a limit, and closes those that fell silent.</summary>
internal sealed partial class Listener : IDisposable
{
    private static readonly TimeSpan IdleCheckMax = TimeSpan.FromSeconds(30);

    private readonly Socket _socket;
    private readonly ApiTable _apis;
    private readonly BrokerOptions _options;
    private readonly BrokerMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ByteBudget _budget;
    private readonly ConcurrentDictionary<Connection, Task> _connections = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly ITimer _idleCheck;
    private Task _accepting = Task.CompletedTask;
    private bool _refusing;

    /// <summary>Takes the port. Clients can connect from here on and are answered after <see cref="Start"/>.</summary>
    /// <exception cref="SetupException">The port is taken, or the host is not one of this machine.</exception>
    public Listener(ApiTable apis, BrokerOptions options, BrokerMetrics metrics, TimeProvider time, ILogger logger)
    {
        _apis = apis;
        _options = options;
        _metrics = metrics;
        _time = time;
        _logger = logger;
        _budget = new(options.RequestBytesInFlightMax);
        _socket = Bind(options);
        var idleCheck = options.ConnectionIdleTimeout / 2 < IdleCheckMax ? options.ConnectionIdleTimeout / 2 : IdleCheckMax;
        _idleCheck = time.CreateTimer(static listener => ((Listener)listener!).CloseIdle(), this, idleCheck, idleCheck);
    }

    public int Port => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    public void Start() => _accepting = AcceptAsync();

    /// <summary>Takes no more connections, lets each finish what it is answering, and ends those that take until <paramref name="cancellation"/>.</summary>
    public async Task StopAsync(CancellationToken cancellation)
    {
        _socket.Dispose();
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _accepting.ConfigureAwait(false);
        foreach (var connection in _connections.Keys)
            connection.CloseWhenIdle();

        try
        {
            await Task.WhenAll(_connections.Values).WaitAsync(cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            foreach (var connection in _connections.Keys)
                connection.Abort();
            await Task.WhenAll(_connections.Values).ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        _idleCheck.Dispose();
        _socket.Dispose();
        _stopping.Dispose();
    }

    private static Socket Bind(BrokerOptions options)
    {
        IPAddress? address;
        try
        {
            address = IPAddress.TryParse(options.Host, out var parsed) ? parsed : Dns.GetHostAddresses(options.Host).FirstOrDefault();
        }
        catch (SocketException unknown)
        {
            throw new SetupException($"The broker cannot listen on '{options.Host}': {unknown.Message}. Set Host to an address of this machine.", unknown);
        }

        if (address is null)
            throw new SetupException($"The broker cannot listen on '{options.Host}': the name has no address. Set Host to an address of this machine.");
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.Equals(IPAddress.IPv6Any))
                socket.DualMode = true;
            socket.Bind(new IPEndPoint(address, options.Port));
            socket.Listen(512);
            return socket;
        }
        catch (SocketException refused)
        {
            socket.Dispose();
            var advice = refused.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse => "another program has the port. Stop it, or set another Port (0 takes any free one).",
                SocketError.AccessDenied => "this user may not take that port. Set a Port above 1023.",
                _ => $"{refused.Message}. Set Host to an address of this machine.",
            };
            throw new SetupException($"The broker cannot listen on {options.Host}:{options.Port}: {advice}", refused);
        }
    }

    private async Task AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            Socket socket;
            try
            {
                socket = await _socket.AcceptAsync(_stopping.Token).ConfigureAwait(false);
            }
            catch (Exception) when (_stopping.IsCancellationRequested)
            {
                // A stop shows as a cancellation, a disposed socket or a socket error, whichever came first.
                return;
            }
            catch (SocketException failure)
            {
                // One client that left while it was being accepted, or no file handles for now: the next may fare better.
                AcceptFailed(failure);
                await Task.Delay(TimeSpan.FromMilliseconds(50), _time).ConfigureAwait(false);
                continue;
            }

            if (_connections.Count >= _options.ConnectionsMax)
            {
                socket.Dispose();
                _metrics.RefusedConnection();
                if (!_refusing)
                    ConnectionRefused(_options.ConnectionsMax);
                _refusing = true;
                continue;
            }

            _refusing = false;
            socket.NoDelay = true;
            var connection = new Connection(socket, _apis, _options, _budget, _metrics, _time, _logger);
            // Entered before it runs, so that it cannot leave before it has entered.
            var begin = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _connections[connection] = ServeAsync(connection, begin.Task);
            begin.SetResult();
        }
    }

    private async Task ServeAsync(Connection connection, Task begin)
    {
        await begin.ConfigureAwait(false);
        _metrics.ConnectionOpened();
        await connection.RunAsync(_stopping.Token).ConfigureAwait(false);
        _metrics.ConnectionClosed();
        _connections.TryRemove(connection, out _);
        connection.Dispose();
    }

    private void CloseIdle()
    {
        foreach (var connection in _connections.Keys)
        {
            if (connection.IdleFor >= _options.ConnectionIdleTimeout)
                connection.Abort();
        }
    }

    [LoggerMessage(1211, LogLevel.Warning, "A connection could not be accepted.")]
    private partial void AcceptFailed(Exception failure);

    [LoggerMessage(1212, LogLevel.Warning, "Refusing connections: {ConnectionsMax} are open, which is the limit (ConnectionsMax). Said once until one is accepted again.")]
    private partial void ConnectionRefused(int connectionsMax);
}
