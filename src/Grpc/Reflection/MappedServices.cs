using System.Reflection;
using Google.Protobuf.Reflection;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Grpc.Reflection;

/// <summary>The services that an application has mapped, for reflection to tell of.</summary>
/// <param name="endpoints">The application's endpoints. Looked at when first asked, after all are mapped.</param>
internal sealed class MappedServices(EndpointDataSource endpoints)
{
    /// <summary>Full names. A service that was bound by hand has a name and no file.</summary>
    public IEnumerable<string> Names => Methods.Select(method => method.Method.ServiceName).Distinct();

    public SymbolRegistry Symbols => SymbolRegistry.FromFiles(
        Methods.Select(method => method.ServiceType).Distinct().Select(DescriptorOf).OfType<ServiceDescriptor>().Select(service => service.File));

    private IEnumerable<GrpcMethodMetadata> Methods => endpoints.Endpoints.Select(endpoint => endpoint.Metadata.GetMetadata<GrpcMethodMetadata>()).OfType<GrpcMethodMetadata>();

    // The generated class that a service's base is nested in has it.
    private static ServiceDescriptor? DescriptorOf(Type service) =>
        service.GetCustomAttribute<BindServiceMethodAttribute>(inherit: true) is { } bind
            ? bind.BindType.GetProperty("Descriptor", BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static)?.GetValue(null) as ServiceDescriptor
            : null;
}
