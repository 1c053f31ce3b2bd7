using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace WebConsole;

/// <summary>The page itself: three small files inside the assembly, with headers that let nothing else run in it.</summary>
internal static class Page
{
    private static readonly (string Path, string File, string ContentType)[] _files =
    [
        ("/", "index.html", "text/html; charset=utf-8"),
        ("/console.css", "console.css", "text/css; charset=utf-8"),
        ("/console.js", "console.js", "text/javascript; charset=utf-8"),
    ];

    extension(IEndpointRouteBuilder routes)
    {
        public void MapPage()
        {
            foreach (var (path, file, contentType) in _files)
            {
                var bytes = Read(file);
                routes.MapGet(path, (HttpContext context) =>
                {
                    var headers = context.Response.Headers;
                    headers.ContentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";
                    headers.XContentTypeOptions = "nosniff";
                    headers["Referrer-Policy"] = "no-referrer";
                    headers.CacheControl = "no-cache";
                    return Results.Bytes(bytes, contentType);
                });
            }
        }
    }

    private static byte[] Read(string file)
    {
        using var stream = typeof(Page).Assembly.GetManifestResourceStream($"Page/{file}")
            ?? throw new InvalidOperationException($"The console was built without its file {file}.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
