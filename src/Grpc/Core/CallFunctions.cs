namespace Grpc.Core;

/// <summary>What the four call types share: functions over a state, so that an invoker needs no closures per call.</summary>
internal readonly struct CallFunctions(CallFunctions.Shared functions, object state)
{
    public CallFunctions(
        Func<object, Task<Metadata>> responseHeadersAsync,
        Func<object, Status> getStatusFunc,
        Func<object, Metadata> getTrailersFunc,
        Action<object> disposeAction,
        object state)
        : this(new Shared(responseHeadersAsync, getStatusFunc, getTrailersFunc, disposeAction), state)
    {
    }

    public CallFunctions(
        Task<Metadata> responseHeadersAsync, Func<Status> getStatusFunc, Func<Metadata> getTrailersFunc, Action disposeAction)
        : this(
            state => ((Closures)state).ResponseHeaders,
            state => ((Closures)state).Status(),
            state => ((Closures)state).Trailers(),
            state => ((Closures)state).Dispose(),
            new Closures(responseHeadersAsync, getStatusFunc, getTrailersFunc, disposeAction))
    {
    }

    public Task<Metadata> ResponseHeadersAsync() => functions.ResponseHeaders(state);

    public Status GetStatus() => functions.Status(state);

    public Metadata GetTrailers() => functions.Trailers(state);

    public void Dispose() => functions.Dispose(state);

    /// <summary>The functions alone, for invokers that have the same for all of their calls.</summary>
    internal sealed record Shared(
        Func<object, Task<Metadata>> ResponseHeaders, Func<object, Status> Status, Func<object, Metadata> Trailers, Action<object> Dispose);

    private sealed record Closures(Task<Metadata> ResponseHeaders, Func<Status> Status, Func<Metadata> Trailers, Action Dispose);
}
