using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Grpc.AspNetCore.HealthChecks;

/// <summary>Services and the health checks that make their health, one entry a service.</summary>
public sealed class ServiceMappingCollection : IReadOnlyCollection<ServiceMapping>
{
    private readonly Dictionary<string, ServiceMapping> _mappings = new(StringComparer.Ordinal);

    /// <summary>How many services there are.</summary>
    public int Count => _mappings.Count;

    /// <summary>Says which health checks make a service's health. Replaces what was said of it before.</summary>
    /// <param name="name">The service's full name; empty for the server as a whole.</param>
    /// <param name="predicate">True for the health checks that count.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public void Map(string name, Func<HealthCheckMapContext, bool> predicate) => _mappings[name] = new(name, predicate);

    /// <summary>Takes a service out. True where it was there.</summary>
    /// <param name="name">Its full name.</param>
    public bool Remove(string name) => _mappings.Remove(name);

    /// <summary>Takes all services out.</summary>
    public void Clear() => _mappings.Clear();

    /// <summary>Finds a service.</summary>
    /// <param name="name">Its full name.</param>
    /// <param name="serviceMapping">What is said of it.</param>
    public bool TryGetServiceMapping(string name, [NotNullWhen(true)] out ServiceMapping? serviceMapping) =>
        _mappings.TryGetValue(name, out serviceMapping);

    /// <inheritdoc/>
    public IEnumerator<ServiceMapping> GetEnumerator() => _mappings.Values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
