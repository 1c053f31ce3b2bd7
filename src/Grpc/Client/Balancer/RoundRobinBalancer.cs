using Grpc.Net.Client.Configuration;
using Microsoft.Extensions.Logging;

namespace Grpc.Net.Client.Balancer;

/// <summary>Makes balancers that use all addresses in turn.</summary>
public sealed class RoundRobinBalancerFactory : LoadBalancerFactory
{
    /// <inheritdoc/>
    public override string Name => LoadBalancingConfig.RoundRobinPolicyName;

    /// <inheritdoc/>
    public override LoadBalancer Create(LoadBalancerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new RoundRobinBalancer(options.Controller, options.LoggerFactory);
    }

    private sealed class RoundRobinBalancer(IChannelControlHelper controller, ILoggerFactory loggers) : SubchannelsLoadBalancer(controller, loggers)
    {
        protected override SubchannelPicker CreatePicker(IReadOnlyList<Subchannel> readySubchannels) => new Picker(readySubchannels);
    }

    private sealed class Picker(IReadOnlyList<Subchannel> subchannels) : SubchannelPicker
    {
        private readonly PickResult[] _results = [.. subchannels.Select(subchannel => PickResult.ForSubchannel(subchannel))];

        // Clients that start together would all begin with the same server otherwise.
        private uint _next = (uint)Random.Shared.Next();

        internal override bool IgnoresCall => true;

        public override PickResult Pick(PickContext context) => _results[Interlocked.Increment(ref _next) % (uint)_results.Length];
    }
}
