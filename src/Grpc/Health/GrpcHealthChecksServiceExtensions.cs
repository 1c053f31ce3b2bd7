using Grpc.AspNetCore.HealthChecks;
using Grpc.HealthCheck;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microsoft.Extensions.DependencyInjection
{
    /// <summary>Adds the gRPC health service to an application's services.</summary>
    public static class GrpcHealthChecksServiceExtensions
    {
        /// <summary>Adds the health service. Health checks are added to what this returns; all of them make the health of the server as a whole.</summary>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        public static IHealthChecksBuilder AddGrpcHealthChecks(this IServiceCollection services)
        {
            ArgumentNullException.ThrowIfNull(services);
            services.TryAddSingleton<HealthServiceImpl>();
            services.TryAddSingleton<CheckedHealth>();
            services.TryAddEnumerable(ServiceDescriptor.Singleton<IHealthCheckPublisher, ReportedHealth>());
            services.Configure<GrpcHealthChecksOptions>(options => options.Services.Map("", _ => true));
            return services.AddHealthChecks();
        }

        /// <summary>Adds the health service, with options.</summary>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        public static IHealthChecksBuilder AddGrpcHealthChecks(this IServiceCollection services, Action<GrpcHealthChecksOptions> configure)
        {
            var builder = services.AddGrpcHealthChecks();
            services.Configure(configure);
            return builder;
        }
    }
}

namespace Microsoft.AspNetCore.Builder
{
    /// <summary>Maps the gRPC health service to an application's endpoints.</summary>
    public static class GrpcHealthChecksEndpointRouteBuilderExtensions
    {
        /// <summary>Serves <c>grpc.health.v1.Health</c>.</summary>
        /// <exception cref="ArgumentNullException">The argument is null.</exception>
        /// <exception cref="InvalidOperationException">AddGrpcHealthChecks was not called.</exception>
        public static GrpcServiceEndpointConventionBuilder MapGrpcHealthChecksService(this IEndpointRouteBuilder builder)
        {
            ArgumentNullException.ThrowIfNull(builder);
            return builder.ServiceProvider.GetService<HealthServiceImpl>() is not null
                ? builder.MapGrpcService<CheckedHealth>()
                : throw new InvalidOperationException("The health service is not among the application's services. Call services.AddGrpcHealthChecks() before mapping it.");
        }
    }
}
