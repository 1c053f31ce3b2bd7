using Grpc.Core;

namespace Grpc.Net.Client.Calls;

/// <summary>Starts calls on a channel.</summary>
internal sealed class ChannelCallInvoker(GrpcChannel channel) : CallInvoker
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
        ArgumentNullException.ThrowIfNull(request);
        var call = new SingleResponseCall<TRequest, TResponse>(channel, method, host, options);
        call.Start(BriefRequestContent.Create(call, request, method.RequestMarshaller));
        return new(
            call.ResponseAsync, new(ClientCall.Functions, call));
    }

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var call = new ResponseStreamCall<TRequest, TResponse>(channel, method, host, options);
        call.Start(new SingleRequestContent<TRequest>(call, request, method.RequestMarshaller));
        return new(call, new(ClientCall.Functions, call));
    }

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        var call = new SingleResponseCall<TRequest, TResponse>(channel, method, host, options);
        var content = new RequestStreamContent();
        call.Start(content);
        return new(
            new RequestStreamWriter<TRequest>(call, content, method.RequestMarshaller),
            call.ResponseAsync, new(ClientCall.Functions, call));
    }

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        var call = new ResponseStreamCall<TRequest, TResponse>(channel, method, host, options);
        var content = new RequestStreamContent();
        call.Start(content);
        return new(
            new RequestStreamWriter<TRequest>(call, content, method.RequestMarshaller),
            call, new(ClientCall.Functions, call));
    }
}
