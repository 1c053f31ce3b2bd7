using System.Net;

namespace Grpc.Net.Client.Balancer;

/// <summary>Where a server is.</summary>
public sealed class BalancerAddress
{
    /// <summary>The host that requests name instead of the address, such as what was asked of DNS.</summary>
    internal static readonly BalancerAttributesKey<string> HostOverride = new("HostOverride");

    /// <summary>A server at an end point.</summary>
    public BalancerAddress(DnsEndPoint endPoint)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        EndPoint = endPoint;
    }

    /// <summary>A server on a host.</summary>
    public BalancerAddress(string host, int port)
        : this(new DnsEndPoint(host, port))
    {
    }

    /// <summary>Host and port.</summary>
    public DnsEndPoint EndPoint { get; }

    /// <summary>What else is known of it.</summary>
    public BalancerAttributes Attributes { get; } = new();

    /// <inheritdoc/>
    public override string ToString() => $"{EndPoint.Host}:{EndPoint.Port}";
}
