namespace Grpc.Net.Client.Configuration;

/// <summary>A balancing policy by its name, with what it wants to know in <see cref="ConfigObject.Inner"/>.</summary>
public class LoadBalancingConfig : ConfigObject
{
    /// <summary>Uses the first address that can be connected to.</summary>
    public const string PickFirstPolicyName = "pick_first";

    /// <summary>Uses all addresses in turn.</summary>
    public const string RoundRobinPolicyName = "round_robin";

    /// <summary>A policy with a name.</summary>
    public LoadBalancingConfig(string loadBalancingPolicyName)
    {
        ArgumentNullException.ThrowIfNull(loadBalancingPolicyName);
        PolicyName = loadBalancingPolicyName;
    }

    /// <summary>The policy's name.</summary>
    public string PolicyName { get; }
}

/// <summary>Uses the first address that can be connected to.</summary>
public sealed class PickFirstConfig() : LoadBalancingConfig(PickFirstPolicyName);

/// <summary>Uses all addresses in turn.</summary>
public sealed class RoundRobinConfig() : LoadBalancingConfig(RoundRobinPolicyName);
