using Grpc.Core;
using Grpc.Net.Client.Configuration;
using Microsoft.Extensions.Logging;

namespace Grpc.Net.Client.Balancer;

/// <summary>Finds the addresses that a channel's target stands for.</summary>
public abstract class Resolver : IDisposable
{
    /// <summary>Starts to tell a listener what is found, now and whenever it changes.</summary>
    public abstract void Start(Action<ResolverResult> listener);

    /// <summary>Looks again: connections broke, and servers may have moved.</summary>
    public virtual void Refresh()
    {
    }

    /// <summary>Stops looking.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Stops looking.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }
}

/// <summary>Makes resolvers for targets of one scheme, such as <c>dns</c>. It is found among a channel's services.</summary>
public abstract class ResolverFactory
{
    /// <summary>The scheme.</summary>
    public abstract string Name { get; }

    /// <summary>A resolver for a target.</summary>
    public abstract Resolver Create(ResolverOptions options);
}

/// <summary>What a resolver is made for.</summary>
public sealed class ResolverOptions
{
    internal ResolverOptions(Uri address, int defaultPort, ILoggerFactory loggerFactory, GrpcChannelOptions channelOptions) =>
        (Address, DefaultPort, LoggerFactory, ChannelOptions) = (address, defaultPort, loggerFactory, channelOptions);

    /// <summary>The channel's target.</summary>
    public Uri Address { get; }

    /// <summary>The port of a target that names none: 80, or 443 with TLS.</summary>
    public int DefaultPort { get; }

    /// <summary>True where a service configuration that is found is not used.</summary>
    public bool DisableServiceConfig => ChannelOptions.DisableResolverServiceConfig;

    /// <summary>Where to log.</summary>
    public ILoggerFactory LoggerFactory { get; }

    /// <summary>The channel's options.</summary>
    public GrpcChannelOptions ChannelOptions { get; }
}

/// <summary>What a resolver found, or why it found nothing.</summary>
public sealed class ResolverResult
{
    private ResolverResult(Status status, IReadOnlyList<BalancerAddress>? addresses, ServiceConfig? serviceConfig, Status? serviceConfigStatus) =>
        (Status, Addresses, ServiceConfig, ServiceConfigStatus) = (status, addresses, serviceConfig, serviceConfigStatus);

    /// <summary>OK, or the failure.</summary>
    public Status Status { get; }

    /// <summary>The addresses; null after a failure.</summary>
    public IReadOnlyList<BalancerAddress>? Addresses { get; }

    /// <summary>The service configuration that came along; null for none.</summary>
    public ServiceConfig? ServiceConfig { get; }

    /// <summary>Whether there was one that could be read; null for none.</summary>
    public Status? ServiceConfigStatus { get; }

    /// <summary>What else is known.</summary>
    public BalancerAttributes Attributes { get; } = new();

    /// <summary>Nothing was found.</summary>
    public static ResolverResult ForFailure(Status status) =>
        status.StatusCode is StatusCode.OK ? throw new ArgumentException("A failure's status cannot be OK.", nameof(status)) : new(status, null, null, null);

    /// <summary>Addresses were found.</summary>
    public static ResolverResult ForResult(IReadOnlyList<BalancerAddress> addresses) => ForResult(addresses, null, null);

    /// <summary>Addresses and a service configuration were found.</summary>
    public static ResolverResult ForResult(IReadOnlyList<BalancerAddress> addresses, ServiceConfig? serviceConfig, Status? serviceConfigStatus)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        return new(Status.DefaultSuccess, addresses, serviceConfig, serviceConfigStatus);
    }
}
