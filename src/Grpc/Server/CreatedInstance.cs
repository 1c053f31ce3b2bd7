namespace Grpc.AspNetCore.Server;

/// <summary>The end of what was made for one call.</summary>
internal static class CreatedInstance
{
    /// <summary>Disposes the instance, where it was made for the call and is disposable.</summary>
    public static ValueTask DisposeCreatedAsync<T>(this GrpcActivatorHandle<T> handle)
    {
        if (!handle.Created)
            return default;
        switch (handle.Instance)
        {
            case IAsyncDisposable asyncDisposable:
                return asyncDisposable.DisposeAsync();
            case IDisposable disposable:
                disposable.Dispose();
                return default;
            default:
                return default;
        }
    }
}
