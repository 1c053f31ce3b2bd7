using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;

namespace TestKit;

/// <summary>What a <see cref="FakeElasticsearch"/> does with one bulk request in place of its work.</summary>
/// <param name="Status">Answered in place of 200.</param>
/// <param name="RetryAfter">Value of the header, where there shall be one.</param>
/// <param name="Takes">Whether the documents are taken all the same: the answer alone goes wrong.</param>
/// <param name="Body">Answered in place of the right body.</param>
/// <param name="CutAfter">Bytes of the answer after which the connection is cut; negative for no cut.</param>
/// <param name="RefuseItem">Status and error type for some items, by their place in the request; the others are taken.</param>
/// <param name="Wait">What to wait for before anything is done.</param>
public sealed record BulkFault(
    int Status = 200,
    string? RetryAfter = null,
    bool Takes = false,
    string? Body = null,
    int CutAfter = -1,
    Func<int, (int Status, string Type)?>? RefuseItem = null,
    Task? Wait = null);

/// <summary>
/// An Elasticsearch on a loopback port that keeps what bulk requests bring it, and fails on cue. It knows bulk, templates and settings, and
/// finds nothing: searches belong on the real one.
/// </summary>
public sealed class FakeElasticsearch : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Index, string Id), (JsonElement Source, long Version)> _documents = [];
    private readonly X509Certificate2? _certificate;
    private WebApplication? _app;
    private readonly int _port = UnusedPort.Take();

    private FakeElasticsearch(X509Certificate2? certificate) => _certificate = certificate;

    public string Url => $"{(_certificate is null ? "http" : "https")}://127.0.0.1:{_port}";

    /// <summary>What the next bulk requests meet, one each.</summary>
    public ConcurrentQueue<BulkFault> Faults { get; } = new();

    /// <summary>Chooses a fault for a bulk request where none is queued: by its number, from 1.</summary>
    public Func<int, BulkFault?> ByNumber { get; set; } = _ => null;

    /// <summary>Says what is wrong with a document: status and error type; null for nothing.</summary>
    public Func<JsonElement, (int Status, string Type)?> Check { get; set; } = _ => null;

    public string Version { get; set; } = "8.14.1";

    public string? Distribution { get; set; }

    public bool HasLifecycles { get; set; } = true;

    /// <summary>Bytes of a bulk body, as sent, beyond which it is 413.</summary>
    public long BodyBytesMax { get; set; } = long.MaxValue;

    /// <summary>The value that the Authorization header must have; null for any.</summary>
    public string? Authorization { get; set; }

    /// <summary>Every request: method and path.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>What was put, by path.</summary>
    public ConcurrentDictionary<string, JsonNode> Puts { get; } = new();

    /// <summary>Bulk requests so far.</summary>
    public int Bulks { get; private set; }

    /// <summary>Most bulk requests at one time.</summary>
    public int BulksAtOnceMax { get; private set; }

    /// <summary>Largest bulk body, decompressed.</summary>
    public long BulkBytesMax { get; private set; }

    /// <summary>Times that each document was sent, taken or not.</summary>
    public ConcurrentDictionary<string, int> Sent { get; } = new();

    /// <summary>The client's certificate of the last request; its name.</summary>
    public string? ClientCertificate { get; private set; }

    private int _atOnce;

    /// <summary>The documents, by index and id.</summary>
    public IReadOnlyDictionary<(string Index, string Id), JsonElement> Documents
    {
        get
        {
            lock (_lock)
                return _documents.ToDictionary(d => d.Key, d => d.Value.Source);
        }
    }

    public static async Task<FakeElasticsearch> StartAsync(X509Certificate2? certificate = null)
    {
        var server = new FakeElasticsearch(certificate);
        await server.OpenAsync();
        return server;
    }

    /// <summary>Listens, on the same port as before, with everything it had.</summary>
    public async Task OpenAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, _port, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                if (_certificate is not null)
                {
                    listen.UseHttps(_certificate, https =>
                    {
                        https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
                        https.AllowAnyClientCertificate();
                    });
                }
            });
        });
        _app = builder.Build();
        _app.Run(ServeAsync);
        await _app.StartAsync();
    }

    /// <summary>Cuts every connection and stops listening.</summary>
    public async Task CloseAsync()
    {
        if (_app is not { } app)
            return;

        _app = null;
        await app.CutAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _certificate?.Dispose();
    }

    private async Task ServeAsync(HttpContext http)
    {
        var path = http.Request.Path.Value!;
        Requests.Enqueue($"{http.Request.Method} {path}");
        ClientCertificate = http.Connection.ClientCertificate?.Subject;
        if (Authorization is not null && http.Request.Headers.Authorization != Authorization)
            await AnswerAsync(http, 401, Error(401, "security_exception", "unable to authenticate"));
        else if (path == "/")
            await AnswerAsync(http, 200, Info());
        else if (path.EndsWith("/_bulk", StringComparison.Ordinal))
            await BulkAsync(http);
        else if (path.StartsWith("/_ilm/", StringComparison.Ordinal) && !HasLifecycles)
            await AnswerAsync(http, 400, $$"""{"error":"no handler found for uri [{{path}}] and method [PUT]"}""");
        else if (http.Request.Method == "PUT")
            await PutAsync(http, path);
        else if (path.StartsWith("/_index_template/", StringComparison.Ordinal))
            await TemplateAsync(http, path);
        else
            await AnswerAsync(http, 200, "{}");
    }

    private async Task PutAsync(HttpContext http, string path)
    {
        Puts[path] = (await JsonNode.ParseAsync(http.Request.Body))!;
        await AnswerAsync(http, 200, """{"acknowledged":true}""");
    }

    private async Task TemplateAsync(HttpContext http, string path)
    {
        if (Puts.TryGetValue(path, out var template))
            await AnswerAsync(http, 200, $$"""{"index_templates":[{"name":"x","index_template":{{template.ToJsonString()}}}]}""");
        else
            await AnswerAsync(http, 404, Error(404, "resource_not_found_exception", "index template matching [x] not found"));
    }

    private async Task BulkAsync(HttpContext http)
    {
        var body = await ReadAsync(http.Request);
        if (body is null)
        {
            http.Response.StatusCode = 413;
            return;
        }

        BulkFault? fault;
        lock (_lock)
        {
            Bulks++;
            BulksAtOnceMax = Math.Max(BulksAtOnceMax, ++_atOnce);
            BulkBytesMax = Math.Max(BulkBytesMax, body.Length);
            if (!Faults.TryDequeue(out fault))
                fault = ByNumber(Bulks);
        }

        try
        {
            fault ??= new();
            if (fault.Wait is { } wait)
                await wait.WaitAsync(http.RequestAborted);
            if (fault.RetryAfter is { } after)
                http.Response.Headers.RetryAfter = after;
            var answer = fault.Status == 200 || fault.Takes
                ? Take(body, fault.RefuseItem ?? (_ => null))
                : Error(fault.Status, "es_rejected_execution_exception", "no room");
            await AnswerAsync(http, fault.Status, fault.Body ?? answer, fault.CutAfter);
        }
        finally
        {
            lock (_lock)
                _atOnce--;
        }
    }

    private async Task<byte[]?> ReadAsync(HttpRequest request)
    {
        using var sent = new MemoryStream();
        await request.Body.CopyToAsync(sent);
        if (sent.Length > BodyBytesMax)
            return null;

        sent.Position = 0;
        if (request.Headers.ContentEncoding != "gzip")
            return sent.ToArray();

        using var plain = new MemoryStream();
        await using (var gzip = new GZipStream(sent, CompressionMode.Decompress))
            await gzip.CopyToAsync(plain);
        return plain.ToArray();
    }

    private string Take(byte[] body, Func<int, (int Status, string Type)?> refuse)
    {
        var lines = Encoding.UTF8.GetString(body).Split('\n');
        var items = new List<string>();
        lock (_lock)
        {
            for (var line = 0; line + 1 < lines.Length; line += 2)
            {
                var action = JsonDocument.Parse(lines[line]).RootElement.EnumerateObject().Single();
                var source = JsonDocument.Parse(lines[line + 1]).RootElement;
                var key = (action.Value.GetProperty("_index").GetString()!, action.Value.GetProperty("_id").GetString()!);
                Sent.AddOrUpdate(key.Item2, 1, (_, times) => times + 1);
                var refusal = refuse(items.Count) ?? Check(source);
                var status = refusal?.Status ?? Store(action, key, source);
                var error = refusal is { } r ? $$""","error":{"type":"{{r.Type}}","reason":"refused on cue"}""" : "";
                items.Add($$$"""{"{{{action.Name}}}":{"status":{{{status}}}{{{error}}}}}""");
            }
        }

        return $$"""{"errors":false,"items":[{{string.Join(',', items)}}]}""";
    }

    private int Store(JsonProperty action, (string Index, string Id) key, JsonElement source)
    {
        var version = action.Value.TryGetProperty("version", out var given) ? given.GetInt64() : 1;
        var isThere = _documents.TryGetValue(key, out var kept);
        if (isThere && (action.Name == "create" || version <= kept.Version))
            return 409;

        _documents[key] = (source, version);
        return isThere ? 200 : 201;
    }

    private string Info() => $$"""
        {"name":"fake","cluster_name":"fake","version":{"number":"{{Version}}"{{(Distribution is null ? "" : $",\"distribution\":\"{Distribution}\"")}}},"tagline":"You Know, for Search"}
        """;

    private static string Error(int status, string type, string reason) =>
        $$"""{"error":{"type":"{{type}}","reason":"{{reason}}"},"status":{{status}}}""";

    private static async Task AnswerAsync(HttpContext http, int status, string body, int cutAfter = -1)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = bytes.Length;
        if (cutAfter >= 0)
        {
            if (cutAfter > 0)
            {
                await http.Response.Body.WriteAsync(bytes.AsMemory(0, Math.Min(cutAfter, bytes.Length - 1)));
                await http.Response.Body.FlushAsync();
            }

            http.Abort();
            return;
        }

        await http.Response.Body.WriteAsync(bytes);
    }
}
