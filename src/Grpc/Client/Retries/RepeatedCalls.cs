using Grpc.Core;
using Grpc.Net.Client.Calls;

namespace Grpc.Net.Client.Retries;

/// <summary>A call with one response that may be made several times.</summary>
internal sealed class RepeatedSingleResponseCall<TRequest, TResponse>(
    GrpcChannel channel, Method<TRequest, TResponse> method, string? host, CallOptions options, Repetition repetition)
    : RepeatedCall<TRequest, TResponse>(channel, method, host, options, repetition)
    where TRequest : class
    where TResponse : class
{
    public static readonly Func<object, Task<Metadata>> HeadersOf = static call => ((RepeatedSingleResponseCall<TRequest, TResponse>)call).GetResponseHeadersAsync();
    public static readonly Func<object, Status> StatusOf = static call => ((RepeatedSingleResponseCall<TRequest, TResponse>)call).GetStatus();
    public static readonly Func<object, Metadata> TrailersOf = static call => ((RepeatedSingleResponseCall<TRequest, TResponse>)call).GetTrailers();
    public static readonly Action<object> DisposeOf = static call => ((RepeatedSingleResponseCall<TRequest, TResponse>)call).Dispose();

    public async Task<TResponse> GetResponseAsync() =>
        await ((SingleResponseCall<TRequest, TResponse>)await Winner.ConfigureAwait(false)).ResponseAsync.ConfigureAwait(false);

    protected override ClientCall Create(GrpcChannel channel, CallOptions options) => new SingleResponseCall<TRequest, TResponse>(channel, Method, Host, options);

    protected override void Send(ClientCall call, HttpContent content) => ((SingleResponseCall<TRequest, TResponse>)call).Start(content);
}

/// <summary>A call with many responses that may be made several times.</summary>
internal sealed class RepeatedResponseStreamCall<TRequest, TResponse>(
    GrpcChannel channel, Method<TRequest, TResponse> method, string? host, CallOptions options, Repetition repetition)
    : RepeatedCall<TRequest, TResponse>(channel, method, host, options, repetition), IAsyncStreamReader<TResponse>
    where TRequest : class
    where TResponse : class
{
    public static readonly Func<object, Task<Metadata>> HeadersOf = static call => ((RepeatedResponseStreamCall<TRequest, TResponse>)call).GetResponseHeadersAsync();
    public static readonly Func<object, Status> StatusOf = static call => ((RepeatedResponseStreamCall<TRequest, TResponse>)call).GetStatus();
    public static readonly Func<object, Metadata> TrailersOf = static call => ((RepeatedResponseStreamCall<TRequest, TResponse>)call).GetTrailers();
    public static readonly Action<object> DisposeOf = static call => ((RepeatedResponseStreamCall<TRequest, TResponse>)call).Dispose();

    public TResponse Current => Winner.IsCompletedSuccessfully
        ? ((ResponseStreamCall<TRequest, TResponse>)Winner.Result).Current
        : throw new InvalidOperationException("There is no current message: call MoveNext first, and stop when it returns false.");

    public async Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        using var cancelled = cancellationToken.UnsafeRegister(static call => ((IDisposable)call!).Dispose(), this);
        var winner = (ResponseStreamCall<TRequest, TResponse>)await Winner.ConfigureAwait(false);
        return await winner.MoveNext(cancellationToken).ConfigureAwait(false);
    }

    protected override ClientCall Create(GrpcChannel channel, CallOptions options) => new ResponseStreamCall<TRequest, TResponse>(channel, Method, Host, options);

    protected override void Send(ClientCall call, HttpContent content) => ((ResponseStreamCall<TRequest, TResponse>)call).Start(content);
}
