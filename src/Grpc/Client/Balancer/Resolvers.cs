using System.Net;
using System.Net.Sockets;

namespace Grpc.Net.Client.Balancer;

/// <summary>Gives the addresses that a function knows, for targets such as <c>static:///name</c>.</summary>
public sealed class StaticResolverFactory : ResolverFactory
{
    private readonly Func<Uri, IEnumerable<BalancerAddress>> _addresses;

    /// <summary>A factory of resolvers that ask a function, once per channel and at each refresh.</summary>
    public StaticResolverFactory(Func<Uri, IEnumerable<BalancerAddress>> addressesCallback)
    {
        ArgumentNullException.ThrowIfNull(addressesCallback);
        _addresses = addressesCallback;
    }

    /// <inheritdoc/>
    public override string Name => "static";

    /// <inheritdoc/>
    public override Resolver Create(ResolverOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new StaticResolver([.. _addresses(options.Address)]);
    }
}

/// <summary>Gives the same addresses always.</summary>
internal sealed class StaticResolver(IReadOnlyList<BalancerAddress> addresses) : Resolver
{
    public override void Start(Action<ResolverResult> listener) => listener(ResolverResult.ForResult(addresses));
}

/// <summary>Asks DNS, for targets such as <c>dns:///gateway:7070</c>, whose every address is a server.</summary>
public sealed class DnsResolverFactory : ResolverFactory
{
    private readonly TimeSpan _refreshInterval;

    /// <summary>A factory of resolvers that ask again after this time, and whenever connections break. <see cref="Timeout.InfiniteTimeSpan"/>: only then.</summary>
    public DnsResolverFactory(TimeSpan refreshInterval) => _refreshInterval = refreshInterval;

    /// <inheritdoc/>
    public override string Name => "dns";

    /// <inheritdoc/>
    public override Resolver Create(ResolverOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new DnsResolver(options, _refreshInterval);
    }

    private sealed class DnsResolver(ResolverOptions options, TimeSpan refreshInterval) : PollingResolver(
        options.LoggerFactory, new ExponentialBackoff(options.ChannelOptions.InitialReconnectBackoff, options.ChannelOptions.MaxReconnectBackoff))
    {
        // Connections that keep breaking would ask all the time otherwise.
        private static readonly TimeSpan Pause = TimeSpan.FromSeconds(15);

        private readonly string _target = options.Address.AbsolutePath.TrimStart('/');
        private Timer? _timer;
        private long _askedAt;

        protected override void OnStarted()
        {
            if (refreshInterval != Timeout.InfiniteTimeSpan)
                _timer = new Timer(_ => Refresh(), null, refreshInterval, refreshInterval);
        }

        protected override async Task ResolveAsync(CancellationToken cancellationToken)
        {
            if (_askedAt != 0 && Pause - TimeSpan.FromMilliseconds(Environment.TickCount64 - _askedAt) is var left && left > TimeSpan.Zero)
                await Task.Delay(left, cancellationToken).ConfigureAwait(false);

            var target = new Uri($"dns://{_target}");
            var port = target.Port > 0 ? target.Port : options.DefaultPort;
            var found = await Dns.GetHostAddressesAsync(target.IdnHost, cancellationToken).ConfigureAwait(false);
            if (found.Length == 0)
                throw new SocketException((int)SocketError.HostNotFound);

            _askedAt = Environment.TickCount64;
            Listener(ResolverResult.ForResult([.. found.Select(ip => Address(ip, port))]));
        }

        protected override void Dispose(bool disposing)
        {
            _timer?.Dispose();
            base.Dispose(disposing);
        }

        // Servers, and their certificates, go by the name that was asked for.
        private BalancerAddress Address(IPAddress ip, int port)
        {
            var address = new BalancerAddress(ip.ToString(), port);
            address.Attributes.Set(BalancerAddress.HostOverride, _target);
            return address;
        }
    }
}
