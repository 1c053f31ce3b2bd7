using Grpc.Reflection;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection
{
    /// <summary>Adds server reflection to an application's services.</summary>
    public static class GrpcReflectionServiceExtensions
    {
        /// <summary>Adds server reflection, which tells of every gRPC service that is mapped.</summary>
        /// <exception cref="ArgumentNullException">The argument is null.</exception>
        public static IServiceCollection AddGrpcReflection(this IServiceCollection services)
        {
            ArgumentNullException.ThrowIfNull(services);
            services.AddRouting();
            services.TryAddSingleton<MappedServices>();
            services.TryAddSingleton(provider =>
            {
                var mapped = provider.GetRequiredService<MappedServices>();
                return new ReflectionAnswers(mapped.Names, mapped.Symbols);
            });
            services.TryAddSingleton(provider => new ReflectionV1ServiceImpl(provider.GetRequiredService<ReflectionAnswers>()));
            services.TryAddSingleton(provider => new ReflectionServiceImpl(provider.GetRequiredService<ReflectionAnswers>()));
            return services;
        }
    }
}

namespace Microsoft.AspNetCore.Builder
{
    /// <summary>Maps server reflection to an application's endpoints.</summary>
    public static class GrpcReflectionEndpointRouteBuilderExtensions
    {
        /// <summary>Serves <c>grpc.reflection.v1.ServerReflection</c>, and <c>v1alpha</c> for older tools.</summary>
        /// <exception cref="ArgumentNullException">The argument is null.</exception>
        /// <exception cref="InvalidOperationException">AddGrpcReflection was not called.</exception>
        public static IEndpointConventionBuilder MapGrpcReflectionService(this IEndpointRouteBuilder builder)
        {
            ArgumentNullException.ThrowIfNull(builder);
            if (builder.ServiceProvider.GetService<MappedServices>() is null)
                throw new InvalidOperationException("Server reflection is not among the application's services. Call services.AddGrpcReflection() before mapping it.");
            return new Both(builder.MapGrpcService<ReflectionV1ServiceImpl>(), builder.MapGrpcService<ReflectionServiceImpl>());
        }

        private sealed class Both(IEndpointConventionBuilder first, IEndpointConventionBuilder second) : IEndpointConventionBuilder
        {
            public void Add(Action<EndpointBuilder> convention)
            {
                first.Add(convention);
                second.Add(convention);
            }
        }
    }
}
