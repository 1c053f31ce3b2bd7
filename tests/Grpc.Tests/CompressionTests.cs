using System.IO.Compression;
using System.Net;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Compression;
using Grpc.Tests.V1;
using static Grpc.Tests.RawRequest;

namespace Grpc.Tests;

/// <summary>Compression, message by message, in both directions.</summary>
public sealed class CompressionTests
{
    private static readonly Note Long = new() { Text = new string('x', 20_000) };

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task Both_sides_compress_where_they_are_asked_to(string encoding)
    {
        await using var host = await EchoHost.StartAsync(options => options.ResponseCompressionAlgorithm = encoding);
        string? sent = null;
        host.Service.OnSay = (note, context) =>
        {
            sent = context.GetHttpContext().Request.Headers["grpc-encoding"];
            return Task.FromResult(note);
        };
        using var call = host.Client().SayAsync(Long, new Metadata { { "grpc-internal-encoding-request", encoding } });

        Assert.Equal(Long, await call);
        Assert.Equal(encoding, sent);
    }

    [Fact]
    public async Task Streams_may_mix_messages_that_are_compressed_and_not()
    {
        await using var host = await EchoHost.StartAsync(options => options.ResponseCompressionAlgorithm = "gzip");
        host.Service.OnChat = async (requests, responses, _) =>
        {
            await foreach (var note in requests.ReadAllAsync())
            {
                responses.WriteOptions = new WriteOptions(note.Number % 2 == 0 ? WriteFlags.NoCompress : 0);
                await responses.WriteAsync(note);
            }
        };
        using var chat = host.Client().Chat(new Metadata { { "grpc-internal-encoding-request", "deflate" } });

        for (var i = 0; i < 6; i++)
        {
            chat.RequestStream.WriteOptions = new WriteOptions(i % 3 == 0 ? WriteFlags.NoCompress : 0);
            await chat.RequestStream.WriteAsync(new Note { Number = i, Text = Long.Text });
            Assert.True(await chat.ResponseStream.MoveNext());
            Assert.Equal(i, chat.ResponseStream.Current.Number);
        }
    }

    [Theory]
    [InlineData("identity,gzip", true)]
    [InlineData("deflate , gzip", true)]
    [InlineData("identity", false)]
    [InlineData("identity,gzip2", false)]
    [InlineData(null, false)]
    public async Task Responses_are_compressed_only_for_clients_that_take_it(string? accepted, bool isCompressed)
    {
        await using var host = await EchoHost.StartAsync(options => options.ResponseCompressionAlgorithm = "gzip");

        using var response = await PostAsync(
            host, Say, new ByteArrayContent(Hello), headers: accepted is null ? null : [("grpc-accept-encoding", accepted)]);
        var body = await response.Content.ReadAsByteArrayAsync();

        Assert.Equal(isCompressed ? 1 : 0, body[0]);
        Assert.Equal(isCompressed, response.Headers.Contains("grpc-encoding"));
    }

    [Fact]
    public async Task A_handler_that_asks_for_compression_gets_none_for_a_client_that_takes_none()
    {
        await using var host = await EchoHost.StartAsync();
        host.Service.OnSay = async (note, context) =>
        {
            await context.WriteResponseHeadersAsync(new Metadata { { "grpc-internal-encoding-request", "gzip" } });
            return note;
        };

        using var without = await PostAsync(host, Say, new ByteArrayContent(Hello), headers: [("grpc-accept-encoding", "identity")]);
        using var with = await PostAsync(host, Say, new ByteArrayContent(Hello), headers: [("grpc-accept-encoding", "gzip")]);

        Assert.Equal((0, 1), ((await without.Content.ReadAsByteArrayAsync())[0], (await with.Content.ReadAsByteArrayAsync())[0]));
        Assert.False(without.Headers.Contains("grpc-internal-encoding-request"));
    }

    [Fact]
    public async Task A_request_that_nobody_can_decompress_is_told_what_can_be()
    {
        await using var host = await EchoHost.StartAsync();

        using var response = await PostAsync(
            host, Say, new ByteArrayContent([1, 0, 0, 0, 1, 9]), headers: [("grpc-encoding", "snappy")]);

        Assert.Equal("12", response.Headers.GetValues("grpc-status").Single());
        Assert.Equal("identity,gzip,deflate", response.Headers.GetValues("grpc-accept-encoding").Single());
    }

    [Fact]
    public async Task Bytes_that_are_not_what_their_encoding_says_are_internal()
    {
        await using var host = await EchoHost.StartAsync();

        using var response = await PostAsync(
            host, Say, new ByteArrayContent([1, 0, 0, 0, 4, 1, 2, 3, 4]), headers: [("grpc-encoding", "gzip")]);

        Assert.Equal("13", response.Headers.GetValues("grpc-status").Single());
    }

    [Fact]
    public async Task A_small_request_that_grows_past_the_limit_is_refused()
    {
        await using var host = await EchoHost.StartAsync(options => options.MaxReceiveMessageSize = 1_000_000);
        var bomb = Gzipped(new byte[64 * 1024 * 1024]);
        Assert.True(bomb.Length < 100_000);

        using var response = await PostAsync(host, Say, new ByteArrayContent(bomb), headers: [("grpc-encoding", "gzip")]);

        Assert.Equal("8", response.Headers.GetValues("grpc-status").Single());
        Assert.Equal("hello", (await host.Client().SayAsync(new Note { Text = "hello" })).Text);
    }

    [Fact]
    public async Task A_small_response_that_grows_past_the_limit_is_refused()
    {
        await using var host = await EchoHost.StartAsync(options => options.ResponseCompressionAlgorithm = "gzip");
        host.Service.OnSay = (_, _) => Task.FromResult(new Note { Payload = ByteString.CopyFrom(new byte[5_000_000]) });

        var failure = await Assert.ThrowsAsync<RpcException>(async () => await host.Client().SayAsync(new Note()));

        Assert.Equal(StatusCode.ResourceExhausted, failure.StatusCode);
    }

    [Fact]
    public async Task A_provider_of_ones_own_works_on_both_sides()
    {
        var provider = new Plain();
        await using var host = await EchoHost.StartAsync(options =>
        {
            options.CompressionProviders.Add(provider);
            options.ResponseCompressionAlgorithm = "plain";
        });
        var client = host.Client(new GrpcChannelOptions { CompressionProviders = [provider] });

        Assert.Equal(Long, await client.SayAsync(Long, new Metadata { { "grpc-internal-encoding-request", "plain" } }));
        Assert.Equal((2, 2), (provider.Compressed, provider.Decompressed));
    }

    [Fact]
    public async Task Asking_for_what_nobody_provides_is_a_mistake()
    {
        await using var host = await EchoHost.StartAsync();
        var client = host.Client();

        Assert.Throws<InvalidOperationException>(() => { _ = client.SayAsync(Long, new Metadata { { "grpc-internal-encoding-request", "brotli" } }); });
        await Assert.ThrowsAsync<InvalidOperationException>(() => EchoHost.StartAsync(options => options.ResponseCompressionAlgorithm = "brotli"));
    }

    private static byte[] Gzipped(byte[] payload)
    {
        // A note whose one field is the payload.
        var message = new Note { Payload = UnsafeByteOperations.UnsafeWrap(payload) }.ToByteArray();
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(message);
        var length = (int)compressed.Length;
        return [1, (byte)(length >> 24), (byte)(length >> 16), (byte)(length >> 8), (byte)length, .. compressed.ToArray()];
    }

    private sealed class Plain : ICompressionProvider
    {
        public int Compressed { get; private set; }

        public int Decompressed { get; private set; }

        public string EncodingName => "plain";

        public Stream CreateCompressionStream(Stream stream, CompressionLevel? compressionLevel)
        {
            Compressed++;
            return stream;
        }

        public Stream CreateDecompressionStream(Stream stream)
        {
            Decompressed++;
            return stream;
        }
    }
}
