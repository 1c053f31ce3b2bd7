using System.Collections.Concurrent;
using Grpc.Core;
using Grpc.Tests.V1;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Matching;
using Microsoft.Extensions.DependencyInjection;

namespace Grpc.Tests;

/// <summary>Whose instance of a service handles a call, and when a request gets services of its own.</summary>
public sealed class ServiceLifetimeTests
{
    [Fact]
    public async Task A_service_that_is_not_registered_is_made_for_each_call()
    {
        await using var host = await EchoHost.StartAsync(map: MapCounting<Plain>);
        var client = host.Client();

        var numbers = new[] { (await client.SayAsync(new Note())).Number, (await client.SayAsync(new Note())).Number };

        Assert.Equal(2, numbers.Distinct().Count());
    }

    [Fact]
    public async Task A_service_that_is_made_for_a_call_is_disposed_after_it()
    {
        await using var host = await EchoHost.StartAsync(map: MapCounting<Disposable>);
        var client = host.Client();

        var number = (await client.SayAsync(new Note())).Number;
        await client.SayAsync(new Note());

        // The first call's service is gone before the second's answer.
        Assert.Contains(number, Disposable.Disposed);
    }

    [Fact]
    public async Task A_singleton_handles_all_calls_and_no_scope_is_made_for_it()
    {
        var scopes = new Scopes();
        await using var host = await EchoHost.StartAsync(services: services => services.AddSingleton<Plain>(), map: app =>
        {
            app.Use(scopes.CountAsync);
            MapCounting<Plain>(app);
        });
        var client = host.Client();

        var numbers = new[] { (await client.SayAsync(new Note())).Number, (await client.SayAsync(new Note())).Number };

        Assert.Single(numbers.Distinct());
        Assert.Equal(0, scopes.Made);
    }

    [Fact]
    public async Task A_scoped_service_and_what_it_takes_belong_to_one_call()
    {
        var scopes = new Scopes();
        await using var host = await EchoHost.StartAsync(services: services => services.AddScoped<Plain>(), map: app =>
        {
            app.Use(scopes.CountAsync);
            MapCounting<Plain>(app);
        });
        var client = host.Client();

        var numbers = new[] { (await client.SayAsync(new Note())).Number, (await client.SayAsync(new Note())).Number };

        Assert.Equal(2, numbers.Distinct().Count());
        Assert.Equal(2, scopes.Made);
    }

    [Fact]
    public async Task A_request_that_was_given_other_services_finds_its_service_there()
    {
        var tenant = new Plain();
        await using var tenants = new ServiceCollection().AddSingleton(tenant).BuildServiceProvider();
        await using var host = await EchoHost.StartAsync(services: services => services.AddSingleton<Plain>(), map: app =>
        {
            app.Use(async (http, next) =>
            {
                http.RequestServices = tenants;
                await next(http);
            });
            MapCounting<Plain>(app);
        });

        Assert.Equal(tenant.Number, (await host.Client().SayAsync(new Note())).Number);
    }

    [Fact]
    public async Task Routing_looks_at_no_answer_for_unknown_methods_where_a_known_one_is_called()
    {
        var candidates = new Candidates();
        await using var host = await EchoHost.StartAsync(services: services => services.AddSingleton<MatcherPolicy>(candidates));
        var unknown = new Method<Note, Note>(MethodType.Unary, "grpctests.v1.Echo", "Whisper", Marshal, Marshal);

        await host.Client().SayAsync(new Note());
        var failure = await Assert.ThrowsAsync<RpcException>(async () => await host.Channel().CreateCallInvoker().AsyncUnaryCall(unknown, null, default, new Note()));

        Assert.Equal(StatusCode.Unimplemented, failure.StatusCode);
        Assert.Equal([1, 2], candidates.Counts);
    }

    private static Marshaller<Note> Marshal { get; } = Marshallers.Create(
        (Note note) => Google.Protobuf.MessageExtensions.ToByteArray(note), Note.Parser.ParseFrom);

    private static void MapCounting<TService>(WebApplication app)
        where TService : Plain => app.MapGrpcService<TService>();

    private class Plain : Echo.EchoBase
    {
        private static int _made;

        public int Number { get; } = Interlocked.Increment(ref _made);

        public override Task<Note> Say(Note request, ServerCallContext context) => Task.FromResult(new Note { Number = Number });
    }

    private sealed class Disposable : Plain, IDisposable
    {
        public static ConcurrentBag<int> Disposed { get; } = [];

        public void Dispose() => Disposed.Add(Number);
    }

    /// <summary>Counts the requests that were given services of their own.</summary>
    private sealed class Scopes
    {
        private int _made;

        public int Made => _made;

        public async Task CountAsync(HttpContext http, RequestDelegate next)
        {
            await next(http);
            if (http.Features.Get<IServiceProvidersFeature>() is not null)
                Interlocked.Increment(ref _made);
        }
    }

    /// <summary>Counts the endpoints among which a request's is chosen.</summary>
    private sealed class Candidates : MatcherPolicy, IEndpointSelectorPolicy
    {
        public ConcurrentQueue<int> Counts { get; } = [];

        public override int Order => 0;

        public bool AppliesToEndpoints(IReadOnlyList<Endpoint> endpoints) => true;

        public Task ApplyAsync(HttpContext httpContext, CandidateSet candidates)
        {
            Counts.Enqueue(candidates.Count);
            return Task.CompletedTask;
        }
    }
}
