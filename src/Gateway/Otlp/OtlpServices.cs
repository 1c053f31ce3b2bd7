using System.IO.Compression;
using Gateway.Otlp;
using Grpc.AspNetCore.Server;
using Grpc.Net.Compression;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the way in for OpenTelemetry's protocol.</summary>
internal static class OtlpServices
{
    /// <summary>Adds the service and its bounds. gRPC itself must be there.</summary>
    public static void AddOtlp(this IServiceCollection services, Gateway.GatewayOptions options)
    {
        services.AddSingleton(new HeldBytes(options.Limits.OtlpHeldBytesMax));
        services.AddSingleton<OtlpMetrics>();
        services.AddSingleton<HeldRequests>();
        services.AddSingleton<OtlpLogsService>();
        services.AddOptions<GrpcServiceOptions<OtlpLogsService>>().Configure<HeldRequests>((otlp, held) =>
        {
            otlp.MaxReceiveMessageSize = options.Limits.OtlpRequestBytesMax;
            // In the place of gRPC's own of the same names: every way to compress that there is must count.
            otlp.CompressionProviders.Add(held.Counting(new GzipCompressionProvider(CompressionLevel.Fastest)));
            otlp.CompressionProviders.Add(held.Counting(new DeflateCompressionProvider(CompressionLevel.Fastest)));
        });
    }

    /// <summary>Maps the service, with its bounds around it.</summary>
    public static void MapOtlp(this IEndpointRouteBuilder app) =>
        app.MapGrpcService<OtlpLogsService>().Add(app.ServiceProvider.GetRequiredService<HeldRequests>().Around);
}
