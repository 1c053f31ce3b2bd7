using System.Net;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Tests.V1;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Grpc.Tests;

/// <summary>What the client makes of servers and proxies that answer oddly.</summary>
public sealed class OddServerTests
{
    private static readonly byte[] Empty = [0, 0, 0, 0, 0];

    [Theory]
    [InlineData(400, StatusCode.Internal)]
    [InlineData(401, StatusCode.Unauthenticated)]
    [InlineData(403, StatusCode.PermissionDenied)]
    [InlineData(404, StatusCode.Unimplemented)]
    [InlineData(418, StatusCode.Unknown)]
    [InlineData(429, StatusCode.Unavailable)]
    [InlineData(431, StatusCode.Internal)]
    [InlineData(500, StatusCode.Unknown)]
    [InlineData(502, StatusCode.Unavailable)]
    [InlineData(503, StatusCode.Unavailable)]
    [InlineData(504, StatusCode.Unavailable)]
    public async Task An_http_error_becomes_a_status(int httpStatus, StatusCode expected) =>
        Assert.Equal(expected, (await SayToAsync(http =>
        {
            http.Response.StatusCode = httpStatus;
            return Task.CompletedTask;
        })).StatusCode);

    [Fact]
    public async Task A_grpc_status_wins_over_an_http_error() =>
        Assert.Equal(StatusCode.Aborted, (await SayToAsync(http =>
        {
            http.Response.StatusCode = 503;
            http.Response.Headers["grpc-status"] = "10";
            return Task.CompletedTask;
        })).StatusCode);

    [Fact]
    public async Task A_web_page_is_no_response() =>
        Assert.Equal(StatusCode.Unknown, (await SayToAsync(http =>
        {
            http.Response.ContentType = "text/html";
            return http.Response.WriteAsync("<h1>It works!</h1>");
        })).StatusCode);

    [Fact]
    public async Task A_message_without_a_status_is_unknown() =>
        Assert.Equal(StatusCode.Unknown, (await SayToAsync(http => AnswerAsync(http, Empty, status: null))).StatusCode);

    [Fact]
    public async Task Status_ok_without_a_message_is_internal()
    {
        var inTrailers = await SayToAsync(http => AnswerAsync(http, [], "0"));
        var inHeaders = await SayToAsync(http =>
        {
            http.Response.ContentType = "application/grpc";
            http.Response.Headers["grpc-status"] = "0";
            return Task.CompletedTask;
        });

        Assert.Equal((StatusCode.Internal, StatusCode.Internal), (inTrailers.StatusCode, inHeaders.StatusCode));
    }

    [Theory]
    [InlineData(new byte[] { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, StatusCode.Internal)] // two messages
    [InlineData(new byte[] { 0, 0, 0 }, StatusCode.Internal)] // half a prefix
    [InlineData(new byte[] { 0, 0, 0, 0, 9, 1 }, StatusCode.Internal)] // half a message
    [InlineData(new byte[] { 9, 0, 0, 0, 0 }, StatusCode.Internal)] // unknown flag
    [InlineData(new byte[] { 1, 0, 0, 0, 0 }, StatusCode.Internal)] // compressed, and not asked for
    [InlineData(new byte[] { 0, 0, 0, 0, 1, 255 }, StatusCode.Internal)] // no Note
    [InlineData(new byte[] { 0, 255, 255, 255, 255 }, StatusCode.ResourceExhausted)] // four gigabytes
    public async Task A_malformed_response_ends_the_call(byte[] body, StatusCode expected) =>
        Assert.Equal(expected, (await SayToAsync(http => AnswerAsync(http, body, "0"))).StatusCode);

    [Theory]
    [InlineData(0, StatusCode.Internal)]
    [InlineData(2, StatusCode.Internal)]
    [InlineData(7, StatusCode.Unavailable)]
    [InlineData(8, StatusCode.Cancelled)]
    [InlineData(11, StatusCode.ResourceExhausted)]
    [InlineData(12, StatusCode.PermissionDenied)]
    public async Task A_reset_stream_becomes_a_status(int errorCode, StatusCode expected)
    {
        var afterHeaders = await SayToAsync(async http =>
        {
            http.Response.ContentType = "application/grpc";
            await http.Response.BodyWriter.FlushAsync();
            http.Features.GetRequiredFeature<IHttpResetFeature>().Reset(errorCode);
        });

        Assert.Equal(expected, afterHeaders.StatusCode);
    }

    [Fact]
    public async Task An_unreadable_status_is_unknown() =>
        Assert.Equal(StatusCode.Unknown, (await SayToAsync(http => AnswerAsync(http, Empty, "fine"))).StatusCode);

    [Fact]
    public async Task A_stream_that_ends_in_its_headers_is_empty()
    {
        await using var server = await OddServer.StartAsync(http =>
        {
            http.Response.ContentType = "application/grpc";
            http.Response.Headers["grpc-status"] = "0";
            http.Response.Headers["note"] = "nothing to say";
            return Task.CompletedTask;
        });
        using var call = server.Client.Repeat(new Note());

        Assert.False(await call.ResponseStream.MoveNext());
        Assert.Equal("nothing to say", call.GetTrailers().GetValue("note"));
    }

    [Fact]
    public async Task The_request_says_what_a_server_must_know()
    {
        HttpRequest? seen = null;
        IHeaderDictionary? headers = null;
        var failure = await SayToAsync(http =>
        {
            seen = http.Request;
            headers = new HeaderDictionary(http.Request.Headers.ToDictionary());
            return AnswerAsync(http, Empty, "1");
        }, new CallOptions(deadline: DateTime.UtcNow.AddSeconds(10)));

        Assert.Equal(StatusCode.Cancelled, failure.StatusCode);
        Assert.Equal("trailers", headers!.TE);
        Assert.Equal("application/grpc", headers.ContentType);
        Assert.Matches("^[0-9]{1,8}[umS]$", headers.GrpcTimeout.ToString());
        Assert.StartsWith("streams-grpc/", headers.UserAgent.ToString(), StringComparison.Ordinal);
    }

    private static async Task AnswerAsync(HttpContext http, byte[] body, string? status)
    {
        http.Response.ContentType = "application/grpc";
        await http.Response.BodyWriter.WriteAsync(body);
        if (status is not null)
            http.Response.AppendTrailer("grpc-status", status);
    }

    private static async Task<RpcException> SayToAsync(RequestDelegate answer, CallOptions options = default)
    {
        await using var server = await OddServer.StartAsync(answer);
        return await Assert.ThrowsAsync<RpcException>(
            () => server.Client.SayAsync(new Note(), options).ResponseAsync.WaitAsync(EchoHost.Patience));
    }

    private sealed class OddServer(WebApplication app, GrpcChannel channel) : IAsyncDisposable
    {
        public Echo.EchoClient Client { get; } = new(channel);

        public static async Task<OddServer> StartAsync(RequestDelegate answer)
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
            var app = builder.Build();
            app.Run(answer);
            await app.StartAsync();
            return new(app, GrpcChannel.ForAddress(app.Urls.Single()));
        }

        public async ValueTask DisposeAsync()
        {
            channel.Dispose();
            await app.StopAsync();
            await app.DisposeAsync();
        }
    }
}
