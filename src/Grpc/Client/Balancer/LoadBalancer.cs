using Grpc.Core;
using Grpc.Net.Client.Configuration;
using Microsoft.Extensions.Logging;

namespace Grpc.Net.Client.Balancer;

/// <summary>Connects to servers and says which of them a call goes to.</summary>
public abstract class LoadBalancer : IDisposable
{
    /// <summary>The resolver found something else.</summary>
    public abstract void UpdateChannelState(ChannelState state);

    /// <summary>A call waits: connect.</summary>
    public abstract void RequestConnection();

    /// <summary>Lets go of every connection.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Lets go of every connection.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }
}

/// <summary>Makes balancers of one policy. It is found among a channel's services.</summary>
public abstract class LoadBalancerFactory
{
    /// <summary>The policy's name in service configurations.</summary>
    public abstract string Name { get; }

    /// <summary>A balancer for a channel.</summary>
    public abstract LoadBalancer Create(LoadBalancerOptions options);
}

/// <summary>What a balancer is made for.</summary>
public sealed class LoadBalancerOptions
{
    /// <summary>For a channel, with the policy's configuration.</summary>
    public LoadBalancerOptions(IChannelControlHelper controller, ILoggerFactory loggerFactory, IDictionary<string, object> configuration) =>
        (Controller, LoggerFactory, Configuration) = (controller, loggerFactory, configuration);

    /// <summary>The channel.</summary>
    public IChannelControlHelper Controller { get; }

    /// <summary>Where to log.</summary>
    public ILoggerFactory LoggerFactory { get; }

    /// <summary>The policy's configuration.</summary>
    public IDictionary<string, object> Configuration { get; }
}

/// <summary>What a balancer can ask of its channel.</summary>
public interface IChannelControlHelper
{
    /// <summary>Makes a way to one server. It connects when asked to.</summary>
    Subchannel CreateSubchannel(SubchannelOptions options);

    /// <summary>Says how the channel is, and who picks from now on.</summary>
    void UpdateState(BalancerState state);

    /// <summary>Has the target resolved again.</summary>
    void RefreshResolver();
}

/// <summary>How a channel is, as its balancer sees it.</summary>
public sealed class BalancerState
{
    /// <summary>A state and who picks in it.</summary>
    public BalancerState(ConnectivityState connectivityState, SubchannelPicker picker) => (ConnectivityState, Picker) = (connectivityState, picker);

    /// <summary>The state.</summary>
    public ConnectivityState ConnectivityState { get; }

    /// <summary>Who picks.</summary>
    public SubchannelPicker Picker { get; }
}

/// <summary>What the resolver found, for a balancer.</summary>
public sealed class ChannelState
{
    internal ChannelState(Status status, IReadOnlyList<BalancerAddress>? addresses, LoadBalancingConfig? config, BalancerAttributes attributes) =>
        (Status, Addresses, LoadBalancingConfig, Attributes) = (status, addresses, config, attributes);

    /// <summary>The addresses; null after a failure.</summary>
    public IReadOnlyList<BalancerAddress>? Addresses { get; }

    /// <summary>The balancer's configuration; null for none.</summary>
    public LoadBalancingConfig? LoadBalancingConfig { get; }

    /// <summary>OK, or why there are no addresses.</summary>
    public Status Status { get; }

    /// <summary>What else the resolver said.</summary>
    public BalancerAttributes Attributes { get; }
}
