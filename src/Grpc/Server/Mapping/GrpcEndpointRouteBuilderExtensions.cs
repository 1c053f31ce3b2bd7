using Grpc.AspNetCore.Server;
using Grpc.AspNetCore.Server.Calls;
using Grpc.AspNetCore.Server.Mapping;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps gRPC services to an application's endpoints.</summary>
public static class GrpcEndpointRouteBuilderExtensions
{
    /// <summary>Serves a service. Each call gets the registered instance, or one made for it and disposed after it.</summary>
    /// <exception cref="InvalidOperationException">AddGrpc was not called, or nobody knows any method of the class.</exception>
    public static GrpcServiceEndpointConventionBuilder MapGrpcService<TService>(this IEndpointRouteBuilder builder)
        where TService : class
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = Services(builder);
        var options = Options(services, services.GetRequiredService<IOptions<GrpcServiceOptions<TService>>>().Value);
        var endpoints = new MethodEndpoints(builder, typeof(TService), options);
        var calls = new ServiceCalls<TService>(services.GetRequiredService<IGrpcServiceActivator<TService>>(), options.SuppressCreatingService);
        var context = new ServiceMethodProviderContext<TService>(endpoints, calls, argument: null);
        foreach (var provider in services.GetServices<IServiceMethodProvider<TService>>())
            provider.OnServiceMethodDiscovery(context);

        return endpoints.Endpoints.Count > 0 ? Finish(builder, endpoints) : throw new InvalidOperationException(
            $"{typeof(TService)} is no gRPC service: it must derive from the base class that Grpc.Tools generates, such as Greeter.GreeterBase.");
    }

    /// <summary>Serves the methods and handlers of a definition.</summary>
    /// <exception cref="InvalidOperationException">AddGrpc was not called.</exception>
    public static GrpcServiceEndpointConventionBuilder MapGrpcService(this IEndpointRouteBuilder builder, ServerServiceDefinition serviceDefinition)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(serviceDefinition);
        var options = Options(Services(builder), new GrpcServiceOptions());
        var endpoints = new MethodEndpoints(builder, typeof(ServerServiceDefinition), options);
        serviceDefinition.BindService(new DefinitionBinder(endpoints));
        return Finish(builder, endpoints);
    }

    /// <summary>Serves the methods and handlers of a definition that is made of services.</summary>
    /// <exception cref="InvalidOperationException">AddGrpc was not called.</exception>
    public static GrpcServiceEndpointConventionBuilder MapGrpcService(
        this IEndpointRouteBuilder builder, Func<IServiceProvider, ServerServiceDefinition> mapDefinition)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(mapDefinition);
        return builder.MapGrpcService(mapDefinition(Services(builder)));
    }

    private static GrpcServiceEndpointConventionBuilder Finish(IEndpointRouteBuilder routes, MethodEndpoints endpoints)
    {
        var unknown = routes.ServiceProvider.GetRequiredService<UnknownServices>();
        foreach (var serviceName in endpoints.ServiceNames)
            unknown.MapMethods(routes, serviceName);
        if (Application(routes.ServiceProvider).IgnoreUnknownServices is not true)
            unknown.MapServices(routes);
        return new(endpoints.Endpoints);
    }

    private static MethodOptions Options(IServiceProvider services, GrpcServiceOptions service) =>
        MethodOptions.From(service, Application(services));

    private static GrpcServiceOptions Application(IServiceProvider services) =>
        services.GetRequiredService<IOptions<GrpcServiceOptions>>().Value;

    private static IServiceProvider Services(IEndpointRouteBuilder routes) =>
        routes.ServiceProvider.GetService<UnknownServices>() is not null
            ? routes.ServiceProvider
            : throw new InvalidOperationException("gRPC is not among the application's services. Call services.AddGrpc() before mapping a service.");
}
