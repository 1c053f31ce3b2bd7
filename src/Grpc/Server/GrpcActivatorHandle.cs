namespace Grpc.AspNetCore.Server;

/// <summary>An instance for one call, and what its activator must know to let go of it.</summary>
/// <typeparam name="T">The type of the instance.</typeparam>
public readonly struct GrpcActivatorHandle<T>
{
    /// <summary>A handle of an instance; <paramref name="created"/> where the activator made it for this call.</summary>
    public GrpcActivatorHandle(T instance, bool created, object? state) => (Instance, Created, State) = (instance, created, state);

    /// <summary>The instance.</summary>
    public T Instance { get; }

    /// <summary>True where the activator made the instance for this call.</summary>
    public bool Created { get; }

    /// <summary>What else the activator wants to remember.</summary>
    public object? State { get; }
}
