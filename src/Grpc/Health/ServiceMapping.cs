namespace Grpc.AspNetCore.HealthChecks;

/// <summary>Which health checks make the health of a service.</summary>
public sealed class ServiceMapping
{
    /// <summary>These health checks make the health of this service.</summary>
    /// <param name="name">The service's full name; empty for the server as a whole.</param>
    /// <param name="predicate">True for the health checks that count.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public ServiceMapping(string name, Func<HealthCheckMapContext, bool> predicate)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(predicate);
        Name = name;
        HealthCheckPredicate = predicate;
    }

    /// <summary>The service's full name; empty for the server as a whole.</summary>
    public string Name { get; }

    /// <summary>True for the health checks that count.</summary>
    public Func<HealthCheckMapContext, bool> HealthCheckPredicate { get; }
}
