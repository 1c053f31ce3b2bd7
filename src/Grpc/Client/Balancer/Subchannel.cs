using Grpc.Core;
using Grpc.Net.Client.Connections;

namespace Grpc.Net.Client.Balancer;

/// <summary>What a subchannel is made for.</summary>
public sealed class SubchannelOptions
{
    /// <summary>For a server with these addresses, tried in this order.</summary>
    public SubchannelOptions(IReadOnlyList<BalancerAddress> addresses)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        Addresses = addresses;
    }

    /// <summary>The addresses.</summary>
    public IReadOnlyList<BalancerAddress> Addresses { get; }
}

/// <summary>How a subchannel is.</summary>
public sealed class SubchannelState
{
    internal SubchannelState(ConnectivityState state, Status status) => (State, Status) = (state, status);

    /// <summary>What it does.</summary>
    public ConnectivityState State { get; }

    /// <summary>Why it failed last, where it did.</summary>
    public Status Status { get; }
}

/// <summary>A way to one server: connected when asked to, and again after growing waits until that succeeds.</summary>
/// <remarks>
/// <code>
/// Idle ──► Connecting ──► Ready ──► Idle (its connections are gone)
///             ▲   │
///             │   ▼
///        TransientFailure (waits, unless asked to connect now)        any ──► Shutdown
/// </code>
/// </remarks>
public sealed class Subchannel : IDisposable
{
    private readonly Lock _gate = new();
    private readonly ConnectionManager _manager;
    private readonly List<Action<SubchannelState>> _listeners = [];
    private readonly Queue<SubchannelState> _untold = [];
    private readonly CancellationTokenSource _stop = new();
    private IReadOnlyList<BalancerAddress> _addresses;
    private SubchannelState _state = new(ConnectivityState.Idle, Status.DefaultSuccess);
    private TaskCompletionSource? _wait;
    private HeldSocket? _held;
    private int _openStreams;
    private bool _isConnecting;
    private bool _isTelling;

    internal Subchannel(ConnectionManager manager, IReadOnlyList<BalancerAddress> addresses)
    {
        if (addresses.Count == 0)
            throw new ArgumentException("A subchannel needs an address.", nameof(addresses));
        (_manager, _addresses) = (manager, addresses);
    }

    /// <summary>The address that is connected to; null while none is.</summary>
    public BalancerAddress? CurrentAddress { get; private set; }

    /// <summary>What the balancer knows of it.</summary>
    public BalancerAttributes Attributes { get; } = new();

    internal ConnectivityState State => _state.State;

    /// <summary>Has each change of state told, in order, until the result is disposed.</summary>
    public IDisposable OnStateChanged(Action<SubchannelState> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        lock (_gate)
            _listeners.Add(callback);
        return new Subscription(this, callback);
    }

    /// <summary>Connects to other addresses from now on; a connection to one that is still among them stays.</summary>
    public void UpdateAddresses(IReadOnlyList<BalancerAddress> addresses)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        lock (_gate)
        {
            _addresses = addresses;
            if (CurrentAddress is not null && !addresses.Any(address => address.EndPoint.Equals(CurrentAddress.EndPoint)))
                Lose();
            _wait?.TrySetResult();
        }

        Tell();
    }

    /// <summary>Connects, unless it is or does. A wait after a failure is cut short.</summary>
    public void RequestConnection()
    {
        lock (_gate)
        {
            if (_state.State is ConnectivityState.Ready or ConnectivityState.Shutdown)
                return;
            _wait?.TrySetResult();
            if (_isConnecting)
                return;
            _isConnecting = true;
            Become(ConnectivityState.Connecting, Status.DefaultSuccess);
        }

        Tell();
        _ = ConnectAsync();
    }

    /// <summary>The addresses.</summary>
    public IReadOnlyList<BalancerAddress> GetAddresses() => _addresses;

    /// <summary>Ends it. Calls that run on it go on.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_state.State is ConnectivityState.Shutdown)
                return;
            if (CurrentAddress is not null)
                _manager.Http?.Unregister(CurrentAddress, this);
            _held?.Dispose();
            _held = null;
            Become(ConnectivityState.Shutdown, Status.DefaultSuccess);
        }

        _stop.Cancel();
        Tell();
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join(", ", _addresses);

    /// <summary>A connection for the HTTP handler: the one that was made to see whether that goes, or another.</summary>
    internal async ValueTask<Stream> OpenStreamAsync(CancellationToken cancellation)
    {
        HeldSocket? held;
        BalancerAddress address;
        lock (_gate)
        {
            (held, _held) = (_held, null);
            address = CurrentAddress ?? _addresses[0];
        }

        try
        {
            var socket = held is not null && await held.TakeAsync().ConfigureAwait(false) is { } taken
                ? taken
                : await HeldSocket.ConnectAsync(address, _manager.Http!.ConnectTimeout, cancellation).ConfigureAwait(false);
            lock (_gate)
                _openStreams++;
            return new TrackedStream(socket, this);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            OnStreamLost(isOpen: false);
            throw;
        }
    }

    /// <summary>One of the handler's connections is gone.</summary>
    internal void OnStreamLost(bool isOpen)
    {
        lock (_gate)
        {
            if (isOpen)
                _openStreams--;
            if (_openStreams > 0 || _held is not null || _state.State is not ConnectivityState.Ready)
                return;
            Lose();
        }

        Tell();
    }

    /// <summary>What the server itself says of its health.</summary>
    internal void OnHealth(bool serves, string detail)
    {
        lock (_gate)
        {
            if (CurrentAddress is null || _state.State is ConnectivityState.Shutdown or ConnectivityState.Idle)
                return;
            if (serves)
                Become(ConnectivityState.Ready, Status.DefaultSuccess);
            else
                Become(ConnectivityState.TransientFailure, new Status(StatusCode.Unavailable, detail));
        }

        Tell();
    }

    private async Task ConnectAsync()
    {
        var backoff = _manager.Backoffs.Create();
        while (!_stop.IsCancellationRequested)
        {
            var failure = await TryConnectAsync().ConfigureAwait(false);
            TaskCompletionSource wait;
            lock (_gate)
            {
                if (failure is null || _state.State is ConnectivityState.Shutdown)
                {
                    _isConnecting = false;
                    break;
                }

                _wait = wait = new(TaskCreationOptions.RunContinuationsAsynchronously);
                Become(ConnectivityState.TransientFailure, failure.Value);
            }

            Tell();
            await Task.WhenAny(wait.Task, Task.Delay(backoff.NextBackoff(), _manager.Time, _stop.Token)).ConfigureAwait(false);
            lock (_gate)
            {
                _wait = null;
                Become(ConnectivityState.Connecting, Status.DefaultSuccess);
            }

            Tell();
        }

        Tell();
    }

    /// <summary>Tries each address once; null when one of them answers.</summary>
    private async Task<Status?> TryConnectAsync()
    {
        Exception? last = null;
        foreach (var address in _addresses)
        {
            try
            {
                var held = _manager.Http is { } http ? new HeldSocket(await HeldSocket.ConnectAsync(address, http.ConnectTimeout, _stop.Token).ConfigureAwait(false), OnHeldLost) : null;
                lock (_gate)
                {
                    if (_state.State is ConnectivityState.Shutdown)
                    {
                        held?.Dispose();
                        return null;
                    }

                    (_held, CurrentAddress) = (held, address);
                    _manager.Http?.Register(address, this);
                    if (_manager.HealthService is null)
                        Become(ConnectivityState.Ready, Status.DefaultSuccess);
                }

                if (_manager.HealthService is { } service)
                    HealthWatch.Start(_manager, this, service, _stop.Token);
                return null;
            }
            catch (Exception exception)
            {
                if (_stop.IsCancellationRequested)
                    return null;
                last = exception;
            }
        }

        return new Status(StatusCode.Unavailable, $"The server cannot be reached at {this}. {last?.Message}", last!);
    }

    private void OnHeldLost(HeldSocket socket)
    {
        lock (_gate)
        {
            if (_held != socket)
                return;
            _held = null;
            if (_openStreams > 0 || _state.State is not ConnectivityState.Ready)
                return;
            Lose();
        }

        Tell();
    }

    private void Lose()
    {
        _held?.Dispose();
        (_held, CurrentAddress) = (null, null);
        if (_state.State is not ConnectivityState.Shutdown && !_isConnecting)
            Become(ConnectivityState.Idle, Status.DefaultSuccess);
    }

    private void Become(ConnectivityState state, Status status)
    {
        if (_state.State == state || _state.State is ConnectivityState.Shutdown)
            return;
        _state = new(state, status);
        _untold.Enqueue(_state);
    }

    // Changes are told one after the other and outside of the lock: who is told may ask for a connection at once.
    private void Tell()
    {
        while (true)
        {
            SubchannelState state;
            Action<SubchannelState>[] listeners;
            lock (_gate)
            {
                if (_isTelling || !_untold.TryDequeue(out state!))
                    return;
                _isTelling = true;
                listeners = [.. _listeners];
            }

            try
            {
                foreach (var listener in listeners)
                    listener(state);
            }
            finally
            {
                lock (_gate)
                    _isTelling = false;
            }
        }
    }

    private sealed class Subscription(Subchannel subchannel, Action<SubchannelState> callback) : IDisposable
    {
        public void Dispose()
        {
            lock (subchannel._gate)
                subchannel._listeners.Remove(callback);
        }
    }
}
