using System.Net;
using Grpc.Core;
using Grpc.Tests.V1;
using static Grpc.Tests.RawRequest;

namespace Grpc.Tests;

/// <summary>What the server answers to requests that no proper client would send.</summary>
public sealed class RawRequestTests
{
    [Fact]
    public async Task A_message_may_come_byte_by_byte()
    {
        await using var host = await EchoHost.StartAsync();

        using var response = await PostAsync(host, Say, new TricklingContent(Hello));

        Assert.Equal(Hello, await response.Content.ReadAsByteArrayAsync());
        Assert.Equal("0", response.TrailingHeaders.GetValues("grpc-status").Single());
        Assert.Equal("application/grpc", response.Content.Headers.ContentType!.ToString());
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/grpcfoo")]
    [InlineData("application/grpc-web")]
    public async Task Another_content_type_is_415(string contentType)
    {
        await using var host = await EchoHost.StartAsync();

        using var response = await PostAsync(host, Say, new ByteArrayContent(Hello), contentType);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
    }

    [Theory]
    [InlineData("application/grpc+proto")]
    [InlineData("application/grpc; charset=utf-8")]
    public async Task A_content_type_may_say_more(string contentType)
    {
        await using var host = await EchoHost.StartAsync();

        using var response = await PostAsync(host, Say, new ByteArrayContent(Hello), contentType);
        await response.Content.ReadAsByteArrayAsync();

        Assert.Equal("0", response.TrailingHeaders.GetValues("grpc-status").Single());
    }

    [Theory]
    [InlineData("/grpctests.v1.Echo/Nothing", "Method is unimplemented.")]
    [InlineData("/grpctests.v1.Echo/say", "Method is unimplemented.")]
    [InlineData("/nobody.Home/Say", "Service is unimplemented.")]
    public async Task An_unknown_path_is_unimplemented_in_headers_alone(string path, string detail)
    {
        await using var host = await EchoHost.StartAsync();

        using var response = await PostAsync(host, path, new ByteArrayContent(Hello));
        var body = await response.Content.ReadAsByteArrayAsync();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("12", response.Headers.GetValues("grpc-status").Single());
        Assert.Equal(detail, response.Headers.GetValues("grpc-message").Single());
        Assert.Empty(body);
        Assert.Empty(response.TrailingHeaders);
    }

    [Fact]
    public async Task What_is_no_call_is_left_to_others()
    {
        await using var host = await EchoHost.StartAsync();
        using var http = Http();

        using var get = await http.SendAsync(new HttpRequestMessage(HttpMethod.Get, host.Address + "/nobody.Home/Say") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact });
        using var post = await PostAsync(host, "/nobody.Home/Say", new ByteArrayContent([]), "application/json");

        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), (get.StatusCode, post.StatusCode));
    }

    [Fact]
    public async Task A_failure_before_any_message_is_headers_alone()
    {
        await using var host = await EchoHost.StartAsync();
        host.Service.OnSay = (_, _) => throw new RpcException(new Status(StatusCode.NotFound, "nö"));

        using var response = await PostAsync(host, Say, new ByteArrayContent(Hello));

        Assert.Equal("5", response.Headers.GetValues("grpc-status").Single());
        Assert.Equal("n%C3%B6", response.Headers.GetValues("grpc-message").Single());
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
        Assert.Empty(response.TrailingHeaders);
    }

    [Theory]
    [InlineData(new byte[] { }, StatusCode.Internal)] // no message
    [InlineData(new byte[] { 0, 0, 0, 0 }, StatusCode.Internal)] // half a prefix
    [InlineData(new byte[] { 0, 0, 0, 0, 9, 1 }, StatusCode.Internal)] // half a message
    [InlineData(new byte[] { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, StatusCode.Internal)] // two messages
    [InlineData(new byte[] { 2, 0, 0, 0, 0 }, StatusCode.Internal)] // unknown flag
    [InlineData(new byte[] { 1, 0, 0, 0, 0 }, StatusCode.Internal)] // compressed with nothing
    [InlineData(new byte[] { 0, 0, 0, 0, 1, 255 }, StatusCode.Internal)] // no Note
    [InlineData(new byte[] { 0, 255, 255, 255, 255 }, StatusCode.ResourceExhausted)] // four gigabytes
    public async Task A_malformed_body_is_refused_and_the_handler_is_spared(byte[] body, StatusCode expected)
    {
        await using var host = await EchoHost.StartAsync();
        var calls = 0;
        host.Service.OnSay = (note, _) =>
        {
            calls++;
            return Task.FromResult(note);
        };

        using var response = await PostAsync(host, Say, new ByteArrayContent(body));

        Assert.Equal(((int)expected).ToString(System.Globalization.CultureInfo.InvariantCulture), response.Headers.GetValues("grpc-status").Single());
        Assert.Equal(0, calls);
    }

    [Fact]
    public async Task A_message_too_large_is_refused_before_it_comes()
    {
        await using var host = await EchoHost.StartAsync();
        var endless = new TaskCompletionSource();

        using var response = await PostAsync(host, Say, new WaitingContent([0, 1, 0, 0, 0], endless.Task), version: null);

        Assert.Equal("8", response.Headers.GetValues("grpc-status").Single());
        endless.SetResult();
    }

    [Fact]
    public async Task An_unknown_compression_is_unimplemented_and_what_is_known_is_listed()
    {
        await using var host = await EchoHost.StartAsync();
        using var content = new ByteArrayContent([1, 0, 0, 0, 1, 7]);

        using var response = await PostAsync(host, Say, content, headers: [("grpc-encoding", "brotli")]);

        Assert.Equal("12", response.Headers.GetValues("grpc-status").Single());
        Assert.Equal("identity,gzip,deflate", response.Headers.GetValues("grpc-accept-encoding").Single());
    }

    [Theory]
    [InlineData("soon")]
    [InlineData("999999999S")]
    public async Task A_malformed_timeout_is_ignored(string timeout)
    {
        await using var host = await EchoHost.StartAsync();

        using var response = await PostAsync(host, Say, new ByteArrayContent(Hello), headers: [("grpc-timeout", timeout)]);
        await response.Content.ReadAsByteArrayAsync();

        Assert.Equal("0", response.TrailingHeaders.GetValues("grpc-status").Single());
    }

    [Fact]
    public async Task A_header_that_no_metadata_can_hold_does_no_harm()
    {
        await using var host = await EchoHost.StartAsync();
        Metadata? seen = null;
        host.Service.OnSay = (note, context) =>
        {
            seen = context.RequestHeaders;
            return Task.FromResult(note);
        };

        using var response = await PostAsync(host, Say, new ByteArrayContent(Hello), headers: [("x~y", "1"), ("good", "2"), ("b-bin", "AQ,Ag")]);

        Assert.Equal("2", seen!.GetValue("good"));
        Assert.Equal([[1], [2]], seen.GetAll("b-bin").Select(entry => entry.ValueBytes));
        Assert.DoesNotContain(seen, entry => entry.Key.Contains('~', StringComparison.Ordinal));
    }

    private sealed class TricklingContent(byte[] bytes) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            for (var i = 0; i < bytes.Length; i++)
            {
                await stream.WriteAsync(bytes.AsMemory(i, 1));
                await stream.FlushAsync();
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
