using System.ComponentModel.DataAnnotations;
using System.Diagnostics.Metrics;
using Gateway.Forwarding;
using Gateway.Hosting;
using Gateway.Ingest;
using Gateway.Writing;
using Kafka;
using Metrics.Admin;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Settings;

namespace Gateway;

/// <summary>The gateway as a host: its ingest service and its way to Kafka.</summary>
public static class GatewayHost
{
    /// <summary>Puts the gateway together. The caller starts, stops and disposes it.</summary>
    /// <param name="options">Where to listen and write.</param>
    /// <param name="logging">Where its log goes.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="SetupException">A setting is wrong; starting throws it where the port is taken or librdkafka is missing.</exception>
    public static WebApplication Build(GatewayOptions options, Action<ILoggingBuilder> logging, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(logging);
        ArgumentNullException.ThrowIfNull(time);
        var address = CheckedAddress(options);

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        logging(builder.Logging);
        builder.Services.AddAdmin("gateway", options.Admin);
        builder.Services.AddSingleton(services => new ReadinessCheck("kafka", () => services.GetRequiredService<KafkaReadiness>().Trouble));
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(time);
        builder.Services.AddSingleton<ILogClient>(services => Client(options, services));
        builder.Services.AddSingleton<GatewayMetrics>();
        builder.Services.AddSingleton<KafkaWriter>();
        builder.Services.AddSingleton<KafkaReadiness>();
        builder.Services.AddHostedService(services => services.GetRequiredService<KafkaReadiness>());
        builder.Services.AddForwarding(options);
        builder.Services.AddSingleton<OpenStreams>();
        builder.Services.AddSingleton<StreamEnd>();
        builder.Services.AddSingleton<IngestService>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.DrainTimeout + TimeSpan.FromSeconds(5));
        builder.Services.AddGrpc(grpc => grpc.MaxReceiveMessageSize = options.Limits.MessageBytesMax);
        builder.Services.AddOtlp(options);
        builder.Services.AddGrpcHealthChecks(health => health.Services.Map(Streams.Contracts.V1.Ingest.Descriptor.FullName, _ => true)).AddReadiness();
        builder.Services.AddGrpcReflection();
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = options.Limits.ConnectionsMax;
            kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(30); // an agent that is gone without a word
            kestrel.Listen(address, options.Port, listen => listen.Protocols = HttpProtocols.Http2);
        });
        ListeningServer.Wrap(builder.Services, $"{options.Host}:{options.Port}");

        var app = builder.Build();
        // Before the methods are mapped: they begin to count at zero then.
        _ = app.Services.GetRequiredService<AdminServer>();
        app.MapGrpcService<IngestService>();
        app.MapOtlp();
        app.MapGrpcHealthChecksService();
        app.MapGrpcReflectionService();
        return app;
    }

    private static System.Net.IPAddress CheckedAddress(GatewayOptions options)
    {
        var faults = new List<ValidationResult>();
        foreach (var section in (object[])[options, options.Limits, options.Fluentd])
            Validator.TryValidateObject(section, new ValidationContext(section), faults, validateAllProperties: true);
        if (faults.Count > 0)
            throw new SetupException($"The gateway's settings are wrong: {string.Join(" ", faults.Select(f => f.ErrorMessage))}");

        options.TryAddress(out var address);
        return address;
    }

    private static ConfluentLogClient Client(GatewayOptions options, IServiceProvider services)
    {
        try
        {
            return new ConfluentLogClient(
                options.Kafka, services.GetRequiredService<ILoggerFactory>(), services.GetRequiredService<TimeProvider>(), services.GetRequiredService<IMeterFactory>());
        }
        catch (Exception e) when (e is ArgumentException or KafkaException)
        {
            throw new SetupException(e.Message, e);
        }
    }
}
