using System.Diagnostics.Metrics;
using System.Net;
using Elasticsearch;
using Kafka;
using Metrics.Admin;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Monitor.Hosting;
using Monitor.Live;
using Monitor.LogStore;
using Monitor.LogStore.OnElasticsearch;
using Monitor.Nodes;
using Monitor.Pipeline;
using Monitor.Queries;
using Settings;
using Streams.Contracts.V1;

namespace Monitor;

/// <summary>The monitor as a host: its topology, its log store and its query services.</summary>
public static class MonitorHost
{
    /// <summary>Puts the monitor together. The caller starts, stops and disposes it.</summary>
    /// <remarks>
    /// Starting it throws <see cref="SetupException"/> where it cannot run as configured: a taken port, a folder that cannot be written. Kafka
    /// being out of reach is no such thing: the monitor says so in its log and waits.
    /// </remarks>
    /// <param name="options">Where to listen, read and keep data.</param>
    /// <param name="logging">Where its log goes.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="SetupException">The address to listen on is none.</exception>
    public static WebApplication Build(MonitorOptions options, Action<ILoggingBuilder> logging, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(logging);
        ArgumentNullException.ThrowIfNull(time);

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        logging(builder.Logging);
        AddMonitor(builder.Services, options, time);
        Listen(builder, options);

        var app = builder.Build();
        // Before the methods are mapped: they begin to count at zero then.
        _ = app.Services.GetRequiredService<AdminServer>();
        app.UseRouting();
        app.MapGrpcService<NodeQueriesService>();
        app.MapGrpcService<LogQueriesService>();
        app.MapGrpcHealthChecksService();
        app.MapGrpcReflectionService();
        return app;
    }

    private static void AddMonitor(IServiceCollection services, MonitorOptions options, TimeProvider time)
    {
        services.AddAdmin("monitor", options.Admin, options.DataDirectory);
        services.AddSingleton(provider => new ReadinessCheck("engine", () => provider.GetRequiredService<MonitorEngine>().Waiting));
        services.AddSingleton(provider => new ReadinessCheck("kafka", () => provider.GetRequiredService<KafkaWatch>().Trouble));
        services.AddSingleton(provider => new LivenessCheck("engine", () => provider.GetRequiredService<MonitorEngine>().Failure));
        services.AddSingleton(options);
        services.AddSingleton(options.Queries);
        services.AddSingleton(time);
        services.AddSingleton<Fleet>();
        services.AddSingleton<MonitorMetrics>();
        services.AddSingleton<LiveFeeds>();
        AddStore(services, options, time);
        services.AddSingleton<ILogClient>(provider => Client(
            options, provider.GetRequiredService<ILoggerFactory>(), time, provider.GetRequiredService<IMeterFactory>()));
        services.AddSingleton(provider => new AlertOutlet(
            options.Store.Elasticsearch.IsChosen ? null : provider.GetRequiredService<ILogStore>(),
            provider.GetRequiredService<LiveFeeds>(),
            provider.GetRequiredService<MonitorMetrics>()));
        services.AddSingleton<PartitionProgress>();
        services.AddSingleton<IEvidence>(provider => provider.GetRequiredService<PartitionProgress>());
        services.AddSingleton(options.Detection);
        services.AddSingleton<MassSilenceGuard>();
        services.AddSingleton<NodesContext>();
        services.AddSingleton<MaintenanceRequests>();
        services.AddSingleton<LiveStreams>();
        services.AddSingleton<MonitorEngine>();
        services.AddHostedService(provider => provider.GetRequiredService<MonitorEngine>());
        services.AddHostedService(provider => provider.GetRequiredService<PartitionProgress>());
        services.AddSingleton<KafkaWatch>();
        services.AddHostedService(provider => provider.GetRequiredService<KafkaWatch>());
        services.AddHostedService<StoreSweeper>();
        if (options.Store.Elasticsearch.IsChosen)
            services.AddHostedService<ElasticsearchWatch>();
        services.AddRouting();
        services.AddGrpc();
        services.AddGrpcHealthChecks(health =>
        {
            health.Services.Map(NodeQueries.Descriptor.FullName, _ => true);
            health.Services.Map(LogQueries.Descriptor.FullName, _ => true);
        }).AddReadiness();
        services.AddGrpcReflection();
    }

    private static void AddStore(IServiceCollection services, MonitorOptions options, TimeProvider time)
    {
        if (options.Store.Elasticsearch.IsChosen)
        {
            services.AddSingleton<IDeadLetters, DeadLetterTopic>();
            services.AddSingleton(provider => Elasticsearch(options, provider, time));
            services.AddSingleton<ILogStore>(provider => provider.GetRequiredService<ElasticsearchLogStore>());
            services.AddSingleton(provider => new ReadinessCheck("elasticsearch", () => provider.GetRequiredService<ElasticsearchLogStore>().Waiting));
            return;
        }

        services.AddSingleton<ILogStore>(provider => SqliteLogStore.Open(
            options.DataDirectory,
            options.Store,
            time,
            provider.GetRequiredService<MonitorMetrics>().Store,
            provider.GetRequiredService<ILogger<SqliteLogStore>>()));
    }

    private static ElasticsearchLogStore Elasticsearch(MonitorOptions options, IServiceProvider provider, TimeProvider time)
    {
        var metrics = provider.GetRequiredService<MonitorMetrics>();
        try
        {
            return new(
                options.Store.Elasticsearch,
                options.Store.RetentionDays,
                provider.GetRequiredService<IDeadLetters>(),
                time,
                metrics.Store,
                metrics.Sink,
                provider.GetRequiredService<ILogger<ElasticsearchLogStore>>());
        }
        catch (ElasticsearchException refusal)
        {
            throw new SetupException($"Monitor.Store.Elasticsearch: {refusal.Message}", refusal);
        }
    }

    private static ConfluentLogClient Client(MonitorOptions options, ILoggerFactory loggers, TimeProvider time, IMeterFactory meters)
    {
        try
        {
            return new ConfluentLogClient(options.Kafka, loggers, time, meters);
        }
        catch (Exception refusal) when (refusal is KafkaException or ArgumentException)
        {
            throw new SetupException(refusal.Message, refusal);
        }
    }

    private static void Listen(WebApplicationBuilder builder, MonitorOptions options)
    {
        if (!IPAddress.TryParse(options.Host == "localhost" ? "127.0.0.1" : options.Host, out var address))
            throw new SetupException($"The monitor cannot listen on '{options.Host}': it is no IP address. Set Monitor.Host to one, such as 127.0.0.1.");

        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(address, options.Port, listen => listen.Protocols = HttpProtocols.Http2));

        var kestrel = builder.Services.Last(service => service.ServiceType == typeof(IServer));
        builder.Services.Remove(kestrel);
        builder.Services.AddSingleton(kestrel.ImplementationType!);
        builder.Services.AddSingleton<IServer>(provider => new ListeningServer((IServer)provider.GetRequiredService(kestrel.ImplementationType!), options));
    }
}
