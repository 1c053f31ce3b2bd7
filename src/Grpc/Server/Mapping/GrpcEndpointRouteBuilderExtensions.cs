using Grpc.AspNetCore.Server;
using Grpc.AspNetCore.Server.Calls;
using Grpc.AspNetCore.Server.Mapping;
using Grpc.Core;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps gRPC services to an application's endpoints.</summary>
public static class GrpcEndpointRouteBuilderExtensions
{
    /// <summary>Serves a service. Each call gets the registered instance, or one made for it and disposed after it.</summary>
    /// <exception cref="InvalidOperationException">AddGrpc was not called, or the class derives from no generated service.</exception>
    public static GrpcServiceEndpointConventionBuilder MapGrpcService<TService>(this IEndpointRouteBuilder builder)
        where TService : class
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = Services(builder).GetRequiredService<IOptions<GrpcServiceOptions<TService>>>();
        return Map(builder, typeof(TService), options.Value, endpoints => new ServiceBinder<TService>(endpoints).Bind());
    }

    /// <summary>Serves the methods and handlers of a definition.</summary>
    /// <exception cref="InvalidOperationException">AddGrpc was not called.</exception>
    public static GrpcServiceEndpointConventionBuilder MapGrpcService(this IEndpointRouteBuilder builder, ServerServiceDefinition serviceDefinition)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(serviceDefinition);
        return Map(builder, typeof(ServerServiceDefinition), new GrpcServiceOptions(), serviceDefinition.BindService);
    }

    private static GrpcServiceEndpointConventionBuilder Map(
        IEndpointRouteBuilder routes, Type serviceType, GrpcServiceOptions options, Action<MethodEndpoints> bind)
    {
        var services = Services(routes);
        var application = services.GetRequiredService<IOptions<GrpcServiceOptions>>().Value;
        var endpoints = new MethodEndpoints(
            routes,
            serviceType,
            MethodLimits.From(options, application),
            services.GetRequiredService<ServerLog>(),
            services.GetRequiredService<CallMetrics>(),
            services.GetRequiredService<TimeProvider>());
        bind(endpoints);

        var unknown = services.GetRequiredService<UnknownServices>();
        foreach (var serviceName in endpoints.ServiceNames)
            unknown.MapMethods(routes, serviceName);
        if (application.IgnoreUnknownServices is not true)
            unknown.MapServices(routes);
        return new(endpoints.Endpoints);
    }

    private static IServiceProvider Services(IEndpointRouteBuilder routes) =>
        routes.ServiceProvider.GetService<UnknownServices>() is not null
            ? routes.ServiceProvider
            : throw new InvalidOperationException("gRPC is not among the application's services. Call services.AddGrpc() before mapping a service.");
}
