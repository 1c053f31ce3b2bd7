using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Monitor;

/// <summary>The monitor as a host: its topology, its log store and its query services.</summary>
public static class MonitorHost
{
    /// <summary>Puts the monitor together. The caller starts, stops and disposes it.</summary>
    /// <param name="options">Where to listen, read and keep data.</param>
    /// <param name="logging">Where its log goes.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static WebApplication Build(MonitorOptions options, Action<ILoggingBuilder> logging, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(logging);
        ArgumentNullException.ThrowIfNull(time);

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        logging(builder.Logging);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(time);
        builder.Services.AddRouting();
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(System.Net.IPAddress.Parse(options.Host), options.Port, listen => listen.Protocols = HttpProtocols.Http2));
        return builder.Build();
    }
}
