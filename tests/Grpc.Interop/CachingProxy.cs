using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Grpc.Interop;

/// <summary>The proxy that <c>cacheable_unary</c> wants between client and server: it repeats responses that their server lets it keep.</summary>
/// <remarks>
/// The case was written for requests by GET, which no implementation of gRPC sends any more. This proxy keys what it keeps by path and request
/// instead, and looks at nothing else than <c>cache-control: max-age</c>. It is made for unary calls that are few and small.
/// </remarks>
internal sealed class CachingProxy(HttpMessageInvoker upstream, Uri server)
{
    private readonly ConcurrentDictionary<string, Kept> _kept = new();

    /// <summary>Starts one before a server; port 0 takes a free one.</summary>
    public static async Task<WebApplication> StartAsync(IPAddress address, int port, Uri server)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(address, port, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddSingleton(_ => new HttpMessageInvoker(new SocketsHttpHandler()));

        var app = builder.Build();
        var proxy = new CachingProxy(app.Services.GetRequiredService<HttpMessageInvoker>(), server);
        app.Run(proxy.AnswerAsync);
        await app.StartAsync();
        return app;
    }

    private async Task AnswerAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        var key = $"{http.Request.Path} {Convert.ToHexString(body.GetBuffer().AsSpan(0, (int)body.Length))}";
        if (!_kept.TryGetValue(key, out var response) || response.Until < DateTimeOffset.UtcNow)
        {
            response = await AskAsync(http, body.ToArray());
            if (response.Until > DateTimeOffset.UtcNow)
                _kept[key] = response;
        }

        foreach (var (name, value) in response.Headers)
            http.Response.Headers[name] = value;
        await http.Response.BodyWriter.WriteAsync(response.Body, http.RequestAborted);
        var trailers = http.Features.GetRequiredFeature<IHttpResponseTrailersFeature>().Trailers;
        foreach (var (name, value) in response.Trailers)
            trailers[name] = value;
    }

    private async Task<Kept> AskAsync(HttpContext http, byte[] body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server, http.Request.Path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body),
        };
        foreach (var (name, values) in http.Request.Headers)
        {
            if (name.StartsWith(':') || name is "Host" or "Content-Length")
                continue;
            if (!request.Headers.TryAddWithoutValidation(name, values.ToArray()))
                request.Content.Headers.TryAddWithoutValidation(name, values.ToArray());
        }

        using var response = await upstream.SendAsync(request, http.RequestAborted);
        var answer = await response.Content.ReadAsByteArrayAsync(http.RequestAborted);
        return new(
            [.. Pairs(response.Headers), .. Pairs(response.Content.Headers).Where(header => header.Key != "Content-Length")],
            answer,
            [.. Pairs(response.TrailingHeaders)],
            DateTimeOffset.UtcNow + (response.Headers.CacheControl?.MaxAge ?? TimeSpan.Zero));
    }

    private static IEnumerable<KeyValuePair<string, string>> Pairs(HttpHeaders headers) =>
        headers.Select(header => KeyValuePair.Create(header.Key, string.Join(',', header.Value)));

    private sealed record Kept(
        KeyValuePair<string, string>[] Headers, byte[] Body, KeyValuePair<string, string>[] Trailers, DateTimeOffset Until);
}
