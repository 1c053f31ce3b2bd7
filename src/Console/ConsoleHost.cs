using System.Net;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Settings;
using Streams.Contracts.V1;

namespace WebConsole;

/// <summary>The web console: one page, and the JSON and event streams behind it. It holds nothing; the monitor answers.</summary>
public static class ConsoleHost
{
    /// <summary>Builds the console. The caller starts and stops it.</summary>
    /// <param name="options">Where to listen and whom to ask.</param>
    /// <param name="logging">Where log lines go.</param>
    /// <param name="time">The clock for deadlines.</param>
    /// <exception cref="SetupException">A setting makes no sense.</exception>
    public static WebApplication Build(ConsoleOptions options, Action<ILoggingBuilder> logging, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(logging);
        ArgumentNullException.ThrowIfNull(time);
        if (!IPAddress.TryParse(options.Host, out var address))
            throw new SetupException($"Console: Host '{options.Host}' is not an IP address. Give one that this machine has, such as 127.0.0.1.");
        if (!Uri.TryCreate(options.Monitor, UriKind.Absolute, out var monitor) || monitor.Scheme is not ("http" or "https"))
            throw new SetupException($"Console: Monitor '{options.Monitor}' is not an http:// or https:// address, such as http://127.0.0.1:7071.");

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        logging(builder.Logging);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(address, options.Port);
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 0;
        });

        builder.Services.AddAdmin("console", options.Admin);
        builder.Services.Configure<HostFilteringOptions>(hosts =>
        {
            hosts.AllowedHosts = ["localhost", "127.0.0.1", "[::1]", options.Host, .. options.AllowedHosts];
            hosts.AllowEmptyHosts = false;
        });
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(time);
        builder.Services.AddSingleton(_ => GrpcChannel.ForAddress(monitor));
        builder.Services.AddSingleton(services => new NodeQueries.NodeQueriesClient(services.GetRequiredService<GrpcChannel>()));
        builder.Services.AddSingleton(services => new LogQueries.LogQueriesClient(services.GetRequiredService<GrpcChannel>()));
        builder.Services.AddSingleton(new Watchers(options.WatchersMax));

        var app = builder.Build();
        app.UseMiddleware<HostFilteringMiddleware>();
        app.UseMiddleware<MonitorErrors>();
        app.MapPage();
        app.MapQueries();
        app.MapWatches();
        return app;
    }
}
