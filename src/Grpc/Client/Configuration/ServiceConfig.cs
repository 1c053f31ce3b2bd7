namespace Grpc.Net.Client.Configuration;

/// <summary>How calls to a service are balanced, repeated and held back.</summary>
/// <remarks>
/// Source: https://github.com/grpc/grpc/blob/master/doc/service_config.md. With <c>healthCheckConfig</c> in <see cref="ConfigObject.Inner"/>,
/// a dictionary whose <c>serviceName</c> names a service, round robin leaves out servers whose <c>grpc.health.v1</c> says that it does not serve.
/// </remarks>
public sealed class ServiceConfig : ConfigObject
{
    /// <summary>Balancing policies; the first that is known is used. Default, when empty: pick first.</summary>
    public IList<LoadBalancingConfig> LoadBalancingConfigs { get; } = [];

    /// <summary>What holds for methods.</summary>
    public IList<MethodConfig> MethodConfigs { get; } = [];

    /// <summary>Holds repeated calls back while too many fail. Default null: never.</summary>
    public RetryThrottlingPolicy? RetryThrottling { get; set; }
}
