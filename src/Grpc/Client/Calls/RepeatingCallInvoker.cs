using Grpc.Core;
using Grpc.Net.Client.Retries;

namespace Grpc.Net.Client.Calls;

/// <summary>Starts calls on a channel whose service configuration has some of them repeated.</summary>
internal sealed class RepeatingCallInvoker(GrpcChannel channel, RepetitionRules rules, ChannelCallInvoker once) : CallInvoker
{
    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        using var call = AsyncUnaryCall(method, host, options, request);
        return call.GetAwaiter().GetResult();
    }

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        if (rules.Find(method) is not { } repetition)
            return once.AsyncUnaryCall(method, host, options, request);
        ArgumentNullException.ThrowIfNull(request);
        var call = new RepeatedSingleResponseCall<TRequest, TResponse>(channel, method, host, options, repetition);
        call.Start(request);
        return new(
            Watched(call.GetResponseAsync()),
            RepeatedSingleResponseCall<TRequest, TResponse>.HeadersOf,
            RepeatedSingleResponseCall<TRequest, TResponse>.StatusOf,
            RepeatedSingleResponseCall<TRequest, TResponse>.TrailersOf,
            RepeatedSingleResponseCall<TRequest, TResponse>.DisposeOf,
            call);
    }

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        if (rules.Find(method) is not { } repetition)
            return once.AsyncServerStreamingCall(method, host, options, request);
        ArgumentNullException.ThrowIfNull(request);
        var call = new RepeatedResponseStreamCall<TRequest, TResponse>(channel, method, host, options, repetition);
        call.Start(request);
        return new(
            call,
            RepeatedResponseStreamCall<TRequest, TResponse>.HeadersOf,
            RepeatedResponseStreamCall<TRequest, TResponse>.StatusOf,
            RepeatedResponseStreamCall<TRequest, TResponse>.TrailersOf,
            RepeatedResponseStreamCall<TRequest, TResponse>.DisposeOf,
            call);
    }

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        if (rules.Find(method) is not { } repetition)
            return once.AsyncClientStreamingCall(method, host, options);
        var call = new RepeatedSingleResponseCall<TRequest, TResponse>(channel, method, host, options, repetition);
        call.Start();
        return new(
            call,
            Watched(call.GetResponseAsync()),
            RepeatedSingleResponseCall<TRequest, TResponse>.HeadersOf,
            RepeatedSingleResponseCall<TRequest, TResponse>.StatusOf,
            RepeatedSingleResponseCall<TRequest, TResponse>.TrailersOf,
            RepeatedSingleResponseCall<TRequest, TResponse>.DisposeOf,
            call);
    }

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        if (rules.Find(method) is not { } repetition)
            return once.AsyncDuplexStreamingCall(method, host, options);
        var call = new RepeatedResponseStreamCall<TRequest, TResponse>(channel, method, host, options, repetition);
        call.Start();
        return new(
            call,
            call,
            RepeatedResponseStreamCall<TRequest, TResponse>.HeadersOf,
            RepeatedResponseStreamCall<TRequest, TResponse>.StatusOf,
            RepeatedResponseStreamCall<TRequest, TResponse>.TrailersOf,
            RepeatedResponseStreamCall<TRequest, TResponse>.DisposeOf,
            call);
    }

    // A caller who only disposes the call has no use for its exception.
    private static Task<T> Watched<T>(Task<T> response)
    {
        _ = response.ContinueWith(
            static failed => failed.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return response;
    }
}
