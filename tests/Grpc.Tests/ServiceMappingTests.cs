using Grpc.AspNetCore.Server;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using Grpc.Tests.V1;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Grpc.Tests;

/// <summary>The ways to say what is served: definitions, providers of methods, activators.</summary>
public sealed class ServiceMappingTests
{
    private static readonly Marshaller<string> Text = Marshallers.StringMarshaller;
    private static readonly Method<string, string> Shout = new(MethodType.Unary, "by.Hand", "Shout", Text, Text);

    [Fact]
    public async Task A_definition_is_served_without_a_class()
    {
        var definition = ServerServiceDefinition.CreateBuilder()
            .AddMethod(Shout, (request, _) => Task.FromResult(request.ToUpperInvariant()))
            .Build();
        await using var host = await EchoHost.StartAsync(map: app => app.MapGrpcService(definition));
        using var channel = host.Channel();

        Assert.Equal("HEY", await channel.CreateCallInvoker().AsyncUnaryCall(Shout, null, default, "hey"));
    }

    [Fact]
    public async Task A_definition_may_be_made_of_services()
    {
        await using var host = await EchoHost.StartAsync(map: app => app.MapGrpcService(
            services => Echo.BindService(services.GetRequiredService<EchoService>())));

        Assert.Equal("hey", (await host.Client().SayAsync(new Note { Text = "hey" })).Text);
    }

    [Fact]
    public async Task A_provider_adds_methods_that_no_code_was_generated_for()
    {
        await using var host = await EchoHost.StartAsync(
            services: services => services.AddSingleton<IServiceMethodProvider<Shouter>, ByHand>(),
            map: app => app.MapGrpcService<Shouter>());
        using var channel = host.Channel();

        Assert.Equal("HEY!", await channel.CreateCallInvoker().AsyncUnaryCall(Shout, null, default, "hey"));
    }

    [Fact]
    public async Task Endpoints_carry_the_method_and_what_the_provider_says()
    {
        await using var host = await EchoHost.StartAsync(
            services: services => services.AddSingleton<IServiceMethodProvider<Shouter>, ByHand>(),
            map: app =>
            {
                app.MapGrpcService<Shouter>();
                var endpoint = ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints)
                    .Single(endpoint => endpoint.Metadata.GetMetadata<GrpcMethodMetadata>() is not null);

                Assert.Equal((typeof(Shouter), Shout), (endpoint.Metadata.GetMetadata<GrpcMethodMetadata>()!.ServiceType, endpoint.Metadata.GetMetadata<GrpcMethodMetadata>()!.Method));
                Assert.NotNull(endpoint.Metadata.GetMetadata<TagsAttribute>());
            });
    }

    [Fact]
    public async Task An_activator_of_ones_own_gives_and_takes_back_each_calls_service()
    {
        var activator = new Counting();
        await using var host = await EchoHost.StartAsync(
            services: services => services.AddSingleton<IGrpcServiceActivator<EchoService>>(activator));

        await host.Client().SayAsync(new Note());
        using var repeat = host.Client().Repeat(new Note());
        Assert.False(await repeat.ResponseStream.MoveNext());

        Assert.Equal((2, 2), (activator.Created, activator.Released));
    }

    [Fact]
    public async Task A_service_is_not_made_where_none_is_wanted()
    {
        await using var host = await EchoHost.StartAsync(
            options => options.SuppressCreatingService = true,
            services => services.AddSingleton<IServiceMethodProvider<Shouter>, WithoutService>(),
            app => app.MapGrpcService<Shouter>());
        using var channel = host.Channel();

        Assert.Equal("nobody: hey", await channel.CreateCallInvoker().AsyncUnaryCall(Shout, null, default, "hey"));
    }

    [Fact]
    public async Task Services_that_are_not_mapped_are_left_to_others_where_asked()
    {
        await using var host = await EchoHost.StartAsync(options => options.IgnoreUnknownServices = true, map: app =>
        {
            app.MapGrpcService<EchoService>();
            app.MapFallback("{**path}", http =>
            {
                http.Response.ContentType = "application/grpc";
                http.Response.Headers["grpc-status"] = "10";
                return Task.CompletedTask;
            });
        });

        var unknown = await Assert.ThrowsAsync<RpcException>(
            async () => await new Missing.MissingClient(host.Channel()).SayAsync(new Note()));

        Assert.Equal(StatusCode.Aborted, unknown.StatusCode);
    }

    private sealed class Shouter
    {
        public string Mark { get; } = "!";
    }

    private sealed class ByHand : IServiceMethodProvider<Shouter>
    {
        public void OnServiceMethodDiscovery(ServiceMethodProviderContext<Shouter> context) =>
            context.AddUnaryMethod(
                Shout, [new TagsAttribute("loud")], (shouter, request, _) => Task.FromResult(request.ToUpperInvariant() + shouter.Mark));
    }

    private sealed class WithoutService : IServiceMethodProvider<Shouter>
    {
        public void OnServiceMethodDiscovery(ServiceMethodProviderContext<Shouter> context) =>
            context.AddUnaryMethod(Shout, [], (shouter, request, _) => Task.FromResult($"{(shouter is null ? "nobody" : "somebody")}: {request}"));
    }

    private sealed class Counting : IGrpcServiceActivator<EchoService>
    {
        public int Created { get; private set; }

        public int Released { get; private set; }

        public GrpcActivatorHandle<EchoService> Create(IServiceProvider serviceProvider)
        {
            Created++;
            return new(new EchoService(), created: false, state: null);
        }

        public ValueTask ReleaseAsync(GrpcActivatorHandle<EchoService> service)
        {
            Released++;
            return default;
        }
    }
}
