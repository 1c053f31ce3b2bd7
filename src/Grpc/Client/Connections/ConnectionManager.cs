using Grpc.Core;
using Grpc.Net.Client.Balancer;
using Grpc.Net.Client.Configuration;
using Microsoft.Extensions.Logging;

namespace Grpc.Net.Client.Connections;

/// <summary>A channel's resolver and balancer, its state, and the waiting of calls for one to be picked.</summary>
internal sealed class ConnectionManager : IChannelControlHelper, IDisposable
{
    private readonly Lock _gate = new();
    private readonly Resolver _resolver;
    private readonly Dictionary<string, LoadBalancerFactory> _factories;
    private readonly ILoggerFactory _loggers;
    private readonly ServiceConfig? _config;
    private readonly bool _disableResolverConfig;
    private readonly bool _isDirect;
    private LoadBalancer? _balancer;
    private string? _policy;
    private SubchannelPicker? _picker;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _stateChanged = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isStarted;
    private bool _isDisposed;

    public ConnectionManager(GrpcChannel channel, Resolver resolver, bool isDirect, HttpConnections? http, GrpcChannelOptions options, ILoggerFactory loggers)
    {
        Channel = channel;
        _resolver = resolver;
        _isDirect = isDirect;
        Http = http;
        _loggers = loggers;
        _config = options.ServiceConfig;
        _disableResolverConfig = options.DisableResolverServiceConfig;
        Time = channel.Time;
        var services = options.ServiceProvider;
        Backoffs = (IBackoffPolicyFactory?)services?.GetService(typeof(IBackoffPolicyFactory))
            ?? new ExponentialBackoff(options.InitialReconnectBackoff, options.MaxReconnectBackoff);
        IEnumerable<LoadBalancerFactory> own = (IEnumerable<LoadBalancerFactory>?)services?.GetService(typeof(IEnumerable<LoadBalancerFactory>)) ?? [];
        _factories = ((IEnumerable<LoadBalancerFactory>)[new PickFirstBalancerFactory(), new RoundRobinBalancerFactory(), .. own])
            .GroupBy(factory => factory.Name).ToDictionary(group => group.Key, group => group.Last());
    }

    public GrpcChannel Channel { get; }

    public TimeProvider Time { get; }

    public IBackoffPolicyFactory Backoffs { get; }

    /// <summary>The HTTP handler's connections, where they are made here; null where the handler makes them out of sight.</summary>
    public HttpConnections? Http { get; }

    /// <summary>The service whose health decides whether a server is picked; null where nobody asks.</summary>
    public string? HealthService { get; private set; }

    public ConnectivityState State { get; private set; } = ConnectivityState.Idle;

    /// <summary>Connects without a call, and waits until that has succeeded.</summary>
    public async Task ConnectAsync(CancellationToken cancellation)
    {
        Start();
        while (true)
        {
            var state = State;
            switch (state)
            {
                case ConnectivityState.Ready:
                    return;
                case ConnectivityState.Shutdown:
                    throw new InvalidOperationException("The channel is disposed.");
                case ConnectivityState.Idle:
                    _balancer?.RequestConnection();
                    break;
                default:
                    break;
            }

            await WaitForStateChangedAsync(state, cancellation).ConfigureAwait(false);
        }
    }

    public async Task WaitForStateChangedAsync(ConnectivityState last, CancellationToken cancellation)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (State != last)
                    return;
                changed = _stateChanged.Task;
            }

            await changed.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Picks at once where a server is connected; null where the call must wait.</summary>
    public PickResult? TryPick(HttpRequestMessage request) =>
        _picker is { } picker && picker.Pick(picker.IgnoresCall ? PickContext.Ignored : new() { Request = request }) is { Type: PickResultType.Complete, Subchannel.CurrentAddress: not null } result ? result : null;

    /// <summary>Waits until a server can be picked.</summary>
    /// <exception cref="RpcException">UNAVAILABLE, or what the balancer says: there is none, and the call does not wait for one.</exception>
    public async Task<PickResult> PickAsync(PickContext context, bool waitsForReady, CancellationToken cancellation)
    {
        Start();
        SubchannelPicker? triedOn = null;
        while (true)
        {
            SubchannelPicker? picker;
            Task changed;
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_isDisposed, Channel);
                (picker, changed) = (_picker, _changed.Task);
            }

            var result = picker?.Pick(context);
            switch (result)
            {
                case { Type: PickResultType.Complete, Subchannel.CurrentAddress: not null }:
                    return result;
                case { Type: PickResultType.Drop }:
                    throw new RpcException(result.Status);

                // A server of one address is tried whenever a call wants it; waits between are for those who have others, or time.
                case { Type: PickResultType.Fail } when !waitsForReady && _isDirect && triedOn is null:
                    triedOn = picker;
                    _balancer?.RequestConnection();
                    break;
                case { Type: PickResultType.Fail } when !waitsForReady && picker != triedOn:
                    throw new RpcException(result.Status);
                default:
                    break;
            }

            await changed.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    public Subchannel CreateSubchannel(SubchannelOptions options) => new(this, options.Addresses);

    public void RefreshResolver() => _resolver.Refresh();

    public void UpdateState(BalancerState state)
    {
        TaskCompletionSource changed, stateChanged;
        lock (_gate)
        {
            if (_isDisposed)
                return;
            _picker = state.Picker;
            (changed, _changed) = (_changed, new(TaskCreationOptions.RunContinuationsAsynchronously));
            stateChanged = _stateChanged;
            if (State != state.ConnectivityState)
            {
                State = state.ConnectivityState;
                _stateChanged = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
            else
            {
                stateChanged = null!;
            }
        }

        changed.SetResult();
        stateChanged?.SetResult();
    }

    public void Dispose()
    {
        TaskCompletionSource changed, stateChanged;
        lock (_gate)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            State = ConnectivityState.Shutdown;
            (changed, stateChanged) = (_changed, _stateChanged);
        }

        _resolver.Dispose();
        _balancer?.Dispose();
        changed.TrySetResult();
        stateChanged.TrySetResult();
    }

    private void Start()
    {
        lock (_gate)
        {
            if (_isStarted || _isDisposed)
                return;
            _isStarted = true;
        }

        _resolver.Start(OnResolved);
        _resolver.Refresh();
    }

    private void OnResolved(ResolverResult result)
    {
        var config = !_disableResolverConfig && result.ServiceConfig is { } found ? found : _config;
        var balancing = (config?.LoadBalancingConfigs ?? []).FirstOrDefault(one => _factories.ContainsKey(one.PolicyName)) ?? new PickFirstConfig();
        LoadBalancer? before = null;
        lock (_gate)
        {
            if (_isDisposed)
                return;
            HealthService = balancing.PolicyName != LoadBalancingConfig.PickFirstPolicyName ? HealthServiceOf(config) : null;
            if (_policy != balancing.PolicyName)
            {
                before = _balancer;
                _balancer = _factories[balancing.PolicyName].Create(new LoadBalancerOptions(this, _loggers, balancing.Inner));
                _policy = balancing.PolicyName;
            }
        }

        before?.Dispose();
        _balancer!.UpdateChannelState(new ChannelState(result.Status, result.Addresses, balancing, result.Attributes));
    }

    private static string? HealthServiceOf(ServiceConfig? config) =>
        config is not null
        && config.Inner.TryGetValue("healthCheckConfig", out var health)
        && health is IDictionary<string, object> settings
        && settings.TryGetValue("serviceName", out var name) ? name as string : null;
}
