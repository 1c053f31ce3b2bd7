namespace Grpc.Net.Client.Configuration;

/// <summary>A part of a service's configuration.</summary>
public abstract class ConfigObject
{
    private protected ConfigObject()
    {
    }

    /// <summary>What the configuration says beyond its properties, by the names of its JSON form.</summary>
    public IDictionary<string, object> Inner { get; } = new Dictionary<string, object>();
}
