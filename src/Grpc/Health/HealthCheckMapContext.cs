namespace Grpc.AspNetCore.HealthChecks;

/// <summary>A health check as a <see cref="ServiceMapping"/> sees it.</summary>
public sealed class HealthCheckMapContext
{
    /// <summary>A health check with this name and these tags.</summary>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public HealthCheckMapContext(string name, IEnumerable<string> tags)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(tags);
        Name = name;
        Tags = tags;
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Its tags.</summary>
    public IEnumerable<string> Tags { get; }
}
