using Grpc.AspNetCore.Server;
using Grpc.Core;
using Grpc.Tests.V1;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Grpc.Tests;

/// <summary>How services are mapped, made and described.</summary>
public sealed class HostingTests
{
    [Fact]
    public async Task A_service_that_is_not_registered_is_made_per_call_and_disposed_after_it()
    {
        var births = new Births();
        await using var host = await EchoHost.StartAsync(
            services: services => services.AddSingleton(births),
            map: app => app.MapGrpcService<Mayfly>());
        var client = host.Client();

        await client.SayAsync(new Note());
        await client.SayAsync(new Note());

        await births.AllDied(2).WaitAsync(EchoHost.Patience);
        Assert.Equal(2, births.Count);
    }

    [Fact]
    public async Task Endpoints_tell_their_method_and_its_attributes()
    {
        EndpointDataSource? endpoints = null;
        await using var host = await EchoHost.StartAsync(
            services: services => services.AddSingleton<Births>(),
            map: app =>
            {
                app.MapGrpcService<Mayfly>().WithMetadata("convention");
                endpoints = ((IEndpointRouteBuilder)app).DataSources.Single();
            });

        var say = endpoints!.Endpoints.Single(endpoint => endpoint.Metadata.GetMetadata<GrpcMethodMetadata>()?.Method.Name == "Say");

        Assert.Equal("/grpctests.v1.Echo/Say", say.Metadata.GetMetadata<GrpcMethodMetadata>()!.Method.FullName);
        Assert.Equal(typeof(Mayfly), say.Metadata.GetMetadata<GrpcMethodMetadata>()!.ServiceType);
        Assert.NotNull(say.Metadata.GetMetadata<OnMethodAttribute>());
        Assert.NotNull(say.Metadata.GetMetadata<OnClassAttribute>());
        Assert.Equal("convention", say.Metadata.GetMetadata<string>());
    }

    [Fact]
    public async Task A_definition_is_served_without_a_class()
    {
        await using var host = await EchoHost.StartAsync(map: app => app.MapGrpcService(Echo.BindService(new EchoService())));

        var answer = await host.Client().SayAsync(new Note { Number = 3 });

        Assert.Equal(3, answer.Number);
    }

    [Fact]
    public async Task A_services_options_win_over_the_applications()
    {
        await using var host = await EchoHost.StartAsync(
            options => options.MaxReceiveMessageSize = 10,
            services => services.AddGrpc().AddServiceOptions<EchoService>(options => options.MaxReceiveMessageSize = 1000));

        var answer = await host.Client().SayAsync(new Note { Text = new string('x', 900) });

        Assert.Equal(900, answer.Text.Length);
    }

    [Fact]
    public async Task A_class_that_is_no_service_is_refused_with_a_reason()
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(
            () => EchoHost.StartAsync(map: app => app.MapGrpcService<Births>()));

        Assert.Contains("Grpc.Tools generates", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Forgetting_AddGrpc_is_told()
    {
        var app = WebApplication.CreateSlimBuilder().Build();

        var failure = Assert.Throws<InvalidOperationException>(() => { _ = app.MapGrpcService<EchoService>(); });

        Assert.Contains("AddGrpc()", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_handler_knows_its_call()
    {
        await using var host = await EchoHost.StartAsync();
        ServerCallContext? seen = null;
        string? path = null;
        host.Service.OnSay = (note, context) =>
        {
            seen = context;
            path = context.GetHttpContext().Request.Path;
            Assert.Equal("/grpctests.v1.Echo/Say", context.Method);
            Assert.Matches("^ipv4:127\\.0\\.0\\.1:[0-9]+$", context.Peer);
            Assert.Equal(new Uri(host.Address).Authority, context.Host);
            Assert.False(context.AuthContext.IsPeerAuthenticated);
            context.UserState["key"] = "value";
            Assert.Equal("value", context.GetHttpContext().Items["key"]);
            return Task.FromResult(note);
        };

        await host.Client().SayAsync(new Note());

        Assert.NotNull(seen);
        Assert.Equal("/grpctests.v1.Echo/Say", path);
    }

    [AttributeUsage(AttributeTargets.Method)]
    private sealed class OnMethodAttribute : Attribute;

    [AttributeUsage(AttributeTargets.Class)]
    private sealed class OnClassAttribute : Attribute;

    private sealed class Births
    {
        private readonly TaskCompletionSource _allDied = new();
        private int _deaths;
        private int _expected = int.MaxValue;

        public int Count;

        public Task AllDied(int expected)
        {
            _expected = expected;
            if (Volatile.Read(ref _deaths) >= expected)
                _allDied.TrySetResult();
            return _allDied.Task;
        }

        public void Died()
        {
            if (Interlocked.Increment(ref _deaths) >= _expected)
                _allDied.TrySetResult();
        }
    }

    [OnClass]
    private sealed class Mayfly : Echo.EchoBase, IDisposable
    {
        private readonly Births _births;

        public Mayfly(Births births)
        {
            _births = births;
            Interlocked.Increment(ref births.Count);
        }

        [OnMethod]
        public override Task<Note> Say(Note request, ServerCallContext context) => Task.FromResult(request);

        public void Dispose() => _births.Died();
    }
}
