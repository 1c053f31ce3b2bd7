using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Benchmarks.Rpc;

/// <summary>The bare side of the server: the bytes that gRPC would send, by Kestrel alone.</summary>
internal static class BareEndpoints
{
    public const string PlainEcho = "/bare-echo";
    public const string DressedEcho = "/dressed-echo";
    public const string ContentType = "application/grpc";
    public const string Status = "grpc-status";

    public static void MapBare(this IEndpointRouteBuilder routes)
    {
        // Paths of one segment: those of two may be a gRPC call's, so routing would look at gRPC's answers to unknown methods on the way, and charge it to this side.
        routes.MapPost(PlainEcho, Echo);
        routes.MapPost(DressedEcho, EchoDressedAsync);
        routes.MapPost("/bare-pingpong", PingPong);
        routes.MapPost("/bare-down", Down);
        routes.MapPost("/bare-up", Up);
    }

    private static async Task Echo(HttpContext http)
    {
        while (true)
        {
            var read = await http.Request.BodyReader.ReadAsync();
            if (!read.IsCompleted)
            {
                http.Request.BodyReader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                continue;
            }

            await http.Response.StartAsync();
            foreach (var segment in read.Buffer)
            {
                segment.Span.CopyTo(http.Response.BodyWriter.GetSpan(segment.Length));
                http.Response.BodyWriter.Advance(segment.Length);
            }

            http.Request.BodyReader.AdvanceTo(read.Buffer.End);
            return;
        }
    }

    private static Task EchoDressedAsync(HttpContext http)
    {
        http.Response.ContentType = ContentType;
        http.Response.AppendTrailer(Status, "0");
        return Echo(http);
    }

    private static async Task PingPong(HttpContext http)
    {
        LiftLimits(http);
        await http.Response.StartAsync();
        await http.Response.BodyWriter.FlushAsync();
        while (true)
        {
            var read = await http.Request.BodyReader.ReadAsync();
            foreach (var segment in read.Buffer)
            {
                segment.Span.CopyTo(http.Response.BodyWriter.GetSpan(segment.Length));
                http.Response.BodyWriter.Advance(segment.Length);
            }

            http.Request.BodyReader.AdvanceTo(read.Buffer.End);
            await http.Response.BodyWriter.FlushAsync();
            if (read.IsCompleted)
                return;
        }
    }

    private static async Task Down(HttpContext http)
    {
        var count = long.Parse(http.Request.Query["count"]!, CultureInfo.InvariantCulture);
        var bytes = new byte[int.Parse(http.Request.Query["bytes"]!, CultureInfo.InvariantCulture)];
        await http.Response.StartAsync();
        for (var i = 0L; i < count; i++)
        {
            bytes.CopyTo(http.Response.BodyWriter.GetSpan(bytes.Length));
            http.Response.BodyWriter.Advance(bytes.Length);
            await http.Response.BodyWriter.FlushAsync();
        }
    }

    private static async Task Up(HttpContext http)
    {
        LiftLimits(http);
        while (true)
        {
            var read = await http.Request.BodyReader.ReadAsync();
            http.Request.BodyReader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
                return;
        }
    }

    // As gRPC does for requests that stream: neither their size nor their pace is Kestrel's to judge.
    private static void LiftLimits(HttpContext http)
    {
        http.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = null;
        http.Features.Get<IHttpMinRequestBodyDataRateFeature>()?.MinDataRate = null;
    }
}
