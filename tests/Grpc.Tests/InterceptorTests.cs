using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Tests.V1;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Grpc.Tests;

/// <summary>Interceptors on both sides: all kinds of calls pass them, in order.</summary>
public sealed class InterceptorTests
{
    [Fact]
    public async Task A_clients_interceptors_see_every_kind_of_call_the_first_listed_first()
    {
        await using var host = await EchoHost.StartAsync();
        var seen = new List<string>();
        var client = new Echo.EchoClient(host.Channel().Intercept(new Witness("outer", seen), new Witness("inner", seen)));

        client.Say(new Note());
        await client.SayAsync(new Note());
        using var gather = client.Gather();
        using var repeat = client.Repeat(new Note());
        using var chat = client.Chat();

        string[] kinds = ["blocking", "unary", "up", "down", "both"];
        Assert.Equal(kinds.SelectMany(kind => (string[])[$"outer {kind}", $"inner {kind}"]), seen);
    }

    [Fact]
    public async Task Interceptors_added_one_by_one_wrap_those_before()
    {
        await using var host = await EchoHost.StartAsync();
        var seen = new List<string>();
        var client = new Echo.EchoClient(
            host.Channel().CreateCallInvoker().Intercept(new Witness("first added", seen)).Intercept(new Witness("last added", seen)));

        await client.SayAsync(new Note());

        Assert.Equal(["last added unary", "first added unary"], seen);
    }

    [Fact]
    public async Task A_function_can_change_what_every_call_sends()
    {
        await using var host = await EchoHost.StartAsync();
        string? seen = null;
        host.Service.OnSay = (note, context) =>
        {
            seen = context.RequestHeaders.GetValue("who") + context.RequestHeaders.GetValue("own");
            return Task.FromResult(note);
        };
        var client = new Echo.EchoClient(host.Channel().Intercept(headers =>
        {
            headers.Add("who", "me");
            return headers;
        }));

        await client.SayAsync(new Note(), new Metadata { { "own", "!" } });

        Assert.Equal("me!", seen);
    }

    [Fact]
    public async Task A_servers_interceptors_see_every_kind_of_call_the_applications_before_the_services()
    {
        var seen = new List<string>();
        await using var host = await EchoHost.StartAsync(
            options => options.Interceptors.Add<Guard>("application", seen),
            services => services.AddGrpc().AddServiceOptions<EchoService>(options => options.Interceptors.Add<Guard>("service", seen)));
        var client = host.Client();

        await client.SayAsync(new Note());
        using var gather = client.Gather();
        await gather.RequestStream.CompleteAsync();
        await gather;
        using var repeat = client.Repeat(new Note());
        Assert.False(await repeat.ResponseStream.MoveNext());
        using var chat = client.Chat();
        await chat.RequestStream.CompleteAsync();
        Assert.False(await chat.ResponseStream.MoveNext());

        string[] kinds = ["unary", "up", "down", "both"];
        Assert.Equal(kinds.SelectMany(kind => (string[])[$"application {kind}", $"service {kind}", "service gone", "application gone"]), seen);
    }

    [Fact]
    public async Task A_registered_interceptor_is_shared_and_stays()
    {
        var seen = new List<string>();
        var shared = new Guard("shared", seen);
        await using var host = await EchoHost.StartAsync(
            options => options.Interceptors.Add<Guard>(), services => services.AddSingleton(shared));

        await host.Client().SayAsync(new Note());
        await host.Client().SayAsync(new Note());

        Assert.Equal(["shared unary", "shared unary"], seen);
    }

    [Fact]
    public async Task An_interceptor_may_refuse_a_call_or_answer_it()
    {
        await using var host = await EchoHost.StartAsync(options => options.Interceptors.Add<Doorman>());

        var refused = await Assert.ThrowsAsync<RpcException>(async () => await host.Client().SayAsync(new Note { Text = "bad" }));
        var answered = await host.Client().SayAsync(new Note { Text = "cached" });

        Assert.Equal((StatusCode.PermissionDenied, "from the door"), (refused.StatusCode, answered.Text));
    }

    [Fact]
    public async Task A_context_of_an_interceptors_own_still_leads_to_the_request()
    {
        await using var host = await EchoHost.StartAsync(options => options.Interceptors.Add<Disguise>());
        HttpContext? http = null;
        host.Service.OnSay = (note, context) =>
        {
            http = context.GetHttpContext();
            return Task.FromResult(note);
        };

        await host.Client().SayAsync(new Note());

        Assert.NotNull(http);
    }

    [Fact]
    public void What_is_no_interceptor_cannot_be_added() =>
        Assert.Throws<ArgumentException>(() => new AspNetCore.Server.GrpcServiceOptions().Interceptors.Add(typeof(string)));

    private sealed class Witness(string name, List<string> seen) : Interceptor
    {
        public override TResponse BlockingUnaryCall<TRequest, TResponse>(
            TRequest request, ClientInterceptorContext<TRequest, TResponse> context, BlockingUnaryCallContinuation<TRequest, TResponse> continuation)
        {
            seen.Add($"{name} blocking");
            return base.BlockingUnaryCall(request, context, continuation);
        }

        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
            TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
        {
            seen.Add($"{name} unary");
            return base.AsyncUnaryCall(request, context, continuation);
        }

        public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
            TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncServerStreamingCallContinuation<TRequest, TResponse> continuation)
        {
            seen.Add($"{name} down");
            return base.AsyncServerStreamingCall(request, context, continuation);
        }

        public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
            ClientInterceptorContext<TRequest, TResponse> context, AsyncClientStreamingCallContinuation<TRequest, TResponse> continuation)
        {
            seen.Add($"{name} up");
            return base.AsyncClientStreamingCall(context, continuation);
        }

        public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
            ClientInterceptorContext<TRequest, TResponse> context, AsyncDuplexStreamingCallContinuation<TRequest, TResponse> continuation)
        {
            seen.Add($"{name} both");
            return base.AsyncDuplexStreamingCall(context, continuation);
        }
    }

    private sealed class Guard(string name, List<string> seen) : Interceptor, IDisposable
    {
        public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
            TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
        {
            seen.Add($"{name} unary");
            return base.UnaryServerHandler(request, context, continuation);
        }

        public override Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
            IAsyncStreamReader<TRequest> requestStream, ServerCallContext context, ClientStreamingServerMethod<TRequest, TResponse> continuation)
        {
            seen.Add($"{name} up");
            return base.ClientStreamingServerHandler(requestStream, context, continuation);
        }

        public override Task ServerStreamingServerHandler<TRequest, TResponse>(
            TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation)
        {
            seen.Add($"{name} down");
            return base.ServerStreamingServerHandler(request, responseStream, context, continuation);
        }

        public override Task DuplexStreamingServerHandler<TRequest, TResponse>(
            IAsyncStreamReader<TRequest> requestStream,
            IServerStreamWriter<TResponse> responseStream,
            ServerCallContext context,
            DuplexStreamingServerMethod<TRequest, TResponse> continuation)
        {
            seen.Add($"{name} both");
            return base.DuplexStreamingServerHandler(requestStream, responseStream, context, continuation);
        }

        public void Dispose() => seen.Add($"{name} gone");
    }

    private sealed class Doorman : Interceptor
    {
        public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
            TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation) => (request as Note)?.Text switch
            {
                "bad" => throw new RpcException(new Status(StatusCode.PermissionDenied, "")),
                "cached" => Task.FromResult((TResponse)(object)new Note { Text = "from the door" }),
                _ => continuation(request, context),
            };
    }

    private sealed class Disguise : Interceptor
    {
        public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
            TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation) =>
            continuation(request, new OwnContext(context));
    }

    private sealed class OwnContext(ServerCallContext inner) : ServerCallContext
    {
        protected override string MethodCore => inner.Method;

        protected override string HostCore => inner.Host;

        protected override string PeerCore => inner.Peer;

        protected override DateTime DeadlineCore => inner.Deadline;

        protected override Metadata RequestHeadersCore => inner.RequestHeaders;

        protected override CancellationToken CancellationTokenCore => inner.CancellationToken;

        protected override Metadata ResponseTrailersCore => inner.ResponseTrailers;

        protected override Status StatusCore { get; set; }

        protected override WriteOptions? WriteOptionsCore { get; set; }

        protected override AuthContext AuthContextCore => inner.AuthContext;

        protected override IDictionary<object, object> UserStateCore => inner.UserState;

        protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders) => inner.WriteResponseHeadersAsync(responseHeaders);

        protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options) => inner.CreatePropagationToken(options);
    }
}
