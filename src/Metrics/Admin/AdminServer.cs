using System.Net;
using System.Net.Sockets;
using Metrics.Collecting;
using Metrics.Exposition;
using Metrics.Runtime;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Settings;

namespace Metrics.Admin;

/// <summary>A part's metrics and health over HTTP, on a port and in a server of its own: what the part serves and what its limits are plays no role there.</summary>
/// <remarks>
/// <code>
/// /metrics   Prometheus' text, or OpenMetrics for who asks for it
/// /healthz   200 while a new start would mend nothing
/// /readyz    200 while the part can do its work; else 503, with a line for each trouble
/// </code>
/// The first of a host's services to start and the last to stop: a part that is starting or draining says so.
/// </remarks>
public sealed partial class AdminServer : IHostedService, IAsyncDisposable
{
    private const int ConnectionsMax = 64;

    private readonly string _part;
    private readonly AdminOptions _options;
    private readonly MetricCollector _collector;
    private readonly IServiceProvider _services;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly ILogger _logger;
    private WebApplication? _server;

    internal AdminServer(string part, AdminOptions options, MetricCollector collector, IServiceProvider services)
    {
        (_part, _options, _collector, _services) = (part, options, collector, services);
        _lifetime = services.GetRequiredService<IHostApplicationLifetime>();
        _logger = services.GetRequiredService<ILogger<AdminServer>>();
        _ = services.GetRequiredService<ProcessMeter>();
    }

    /// <summary>Where it answers, such as <c>http://127.0.0.1:9470</c>; null before the start, and where it is switched off.</summary>
    public string? Address => _server?.Urls.FirstOrDefault();

    /// <inheritdoc/>
    /// <exception cref="SetupException">It cannot listen there.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!_options.Enabled)
            return;

        _options.TryAddress(out var address);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = ConnectionsMax;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Listen(address, _options.Port, listen => listen.Protocols = HttpProtocols.Http1);
        });
        var server = builder.Build();
        server.Run(AnswerAsync);
        try
        {
            await server.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw new SetupException(
                $"The {_part} cannot answer for metrics and health on {_options.Host}:{_options.Port}: {e.InnerException?.Message ?? e.Message}. "
                + $"Set the {_part}'s Admin.Port to a free one, or Admin.Enabled to false.",
                e);
        }

        _server = server;
        Listening(_part, Address);
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => _server?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;

    private Task AnswerAsync(HttpContext context)
    {
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            context.Response.Headers.Allow = "GET, HEAD";
            return SayAsync(context, HttpStatusCode.MethodNotAllowed, "Only GET and HEAD are answered here.");
        }

        return context.Request.Path.Value switch
        {
            "/metrics" => MetricsAsync(context),
            "/healthz" => HealthAsync(context, "alive", [.. _services.GetServices<LivenessCheck>().Troubles()]),
            "/readyz" => HealthAsync(context, "ready", [.. Phase(), .. _services.GetServices<ReadinessCheck>().Troubles()]),
            "/" => SayAsync(context, HttpStatusCode.OK, $"{_part}: /metrics /healthz /readyz"),
            _ => SayAsync(context, HttpStatusCode.NotFound, "There are /metrics, /healthz and /readyz."),
        };
    }

    private async Task MetricsAsync(HttpContext context)
    {
        var format = ExpositionFormats.Negotiate(context.Request.Headers.Accept);
        context.Response.ContentType = format.ContentType;
        if (HttpMethods.IsHead(context.Request.Method))
            return;

        // Into the response's buffer; sent once it is whole, so that a slow reader holds up nobody else's scrape.
        _collector.Write(context.Response.BodyWriter, format);
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted).ConfigureAwait(false);
    }

    private IEnumerable<string> Phase()
    {
        if (_lifetime.ApplicationStopping.IsCancellationRequested)
            yield return $"{_part}: It is stopping.";
        else if (!_lifetime.ApplicationStarted.IsCancellationRequested)
            yield return $"{_part}: It is starting.";
    }

    private static Task HealthAsync(HttpContext context, string well, string[] troubles) =>
        troubles.Length == 0
            ? SayAsync(context, HttpStatusCode.OK, well)
            : SayAsync(context, HttpStatusCode.ServiceUnavailable, $"not {well}\n{string.Join('\n', troubles)}");

    private static Task SayAsync(HttpContext context, HttpStatusCode status, string text)
    {
        context.Response.StatusCode = (int)status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.WriteAsync(text + "\n");
    }

    [LoggerMessage(1, LogLevel.Information, "Metrics and health of the {Part} are at {Address}.")]
    private partial void Listening(string part, string? address);
}
