using Google.Protobuf;
using Grpc.Core;
using Grpc.Interop.V1;
using Grpc.Net.Client;

namespace Grpc.Interop;

/// <summary>The client side of gRPC's interoperability tests, by the names of their public description.</summary>
/// <remarks>Source: https://github.com/grpc/grpc/blob/master/doc/interop-test-descriptions.md</remarks>
internal sealed class InteropCases : IDisposable
{
    /// <summary>The case that wants a <see cref="CachingProxy"/> before its server.</summary>
    public const string CacheableUnary = "cacheable_unary";

    /// <summary>The case that wants a server with <see cref="ScarceStreams"/> streams to a connection.</summary>
    public const string ConnectionScaling = "max_concurrent_streams_connection_scaling";

    public const int ScarceStreams = 2;

    private const int LargeRequest = 271_828;
    private const int LargeResponse = 314_159;
    private const int SoakCalls = 100;

    private static readonly int[] Sizes = [31_415, 9, 2_653, 58_979];
    private static readonly int[] RequestSizes = [27_182, 8, 1_828, 45_904];

    private readonly string _address;
    private readonly CountedGzip _gzip = new();
    private readonly GrpcChannel _channel;
    private readonly TestService.TestServiceClient _client;

    public InteropCases(string address)
    {
        _address = address;
        _channel = Channel();
        _client = new(_channel);
        var loadReports = new LoadReportCases(_channel);
        All = new Dictionary<string, Func<Task>>
        {
            ["empty_unary"] = EmptyUnaryAsync,
            [CacheableUnary] = CacheableUnaryAsync,
            ["large_unary"] = LargeUnaryAsync,
            ["client_compressed_unary"] = ClientCompressedUnaryAsync,
            ["server_compressed_unary"] = ServerCompressedUnaryAsync,
            ["client_streaming"] = ClientStreamingAsync,
            ["client_compressed_streaming"] = ClientCompressedStreamingAsync,
            ["server_streaming"] = ServerStreamingAsync,
            ["server_compressed_streaming"] = ServerCompressedStreamingAsync,
            ["ping_pong"] = PingPongAsync,
            ["empty_stream"] = EmptyStreamAsync,
            ["custom_metadata"] = CustomMetadataAsync,
            ["status_code_and_message"] = StatusCodeAndMessageAsync,
            ["special_status_message"] = SpecialStatusMessageAsync,
            ["unimplemented_method"] = UnimplementedMethodAsync,
            ["unimplemented_service"] = UnimplementedServiceAsync,
            ["cancel_after_begin"] = CancelAfterBeginAsync,
            ["cancel_after_first_response"] = CancelAfterFirstResponseAsync,
            ["timeout_on_sleeping_server"] = TimeoutOnSleepingServerAsync,
            ["concurrent_large_unary"] = ConcurrentLargeUnaryAsync,
            ["rpc_soak"] = RpcSoakAsync,
            ["channel_soak"] = ChannelSoakAsync,
            ["long_lived_channel"] = LongLivedChannelAsync,
            ["pick_first_unary"] = PickFirstUnaryAsync,
            ["orca_per_rpc"] = loadReports.PerCallAsync,
            ["orca_oob"] = loadReports.OutOfBandAsync,
            [ConnectionScaling] = ConnectionScalingAsync,
        };
    }

    /// <summary>Every case, by its name.</summary>
    public IReadOnlyDictionary<string, Func<Task>> All { get; }

    public void Dispose() => _channel.Dispose();

    private GrpcChannel Channel() => GrpcChannel.ForAddress(_address, new GrpcChannelOptions { CompressionProviders = [_gzip] });

    private async Task EmptyUnaryAsync() => Check.Equal(new Empty(), await _client.EmptyCallAsync(new Empty()), "The response");

    private async Task CacheableUnaryAsync()
    {
        var request = new SimpleRequest { Payload = InteropService.Now() };
        var user = new Metadata { { "x-user-ip", "1.2.3.4" } };
        using var call = _client.CacheableUnaryCallAsync(request, user);
        var first = await call;
        Check.True(
            (await call.ResponseHeadersAsync).GetValue("cache-control")?.Contains("max-age=60", StringComparison.Ordinal) is true,
            "The response does not say how long it may be kept.");

        var second = await _client.CacheableUnaryCallAsync(request, user);
        Check.True(first.Payload.Body.Length > 0, "The response says no time.");
        Check.Equal(first.Payload.Body, second.Payload.Body, "The second response");
    }

    private Task LargeUnaryAsync() => LargeUnaryAsync(_client);

    private static async Task LargeUnaryAsync(TestService.TestServiceClient client)
    {
        var response = await client.UnaryCallAsync(Large());
        Check.Equal(LargeResponse, response.Payload.Body.Length, "The response's size");
    }

    private async Task ClientCompressedUnaryAsync()
    {
        // First a request that lies: a server that does not notice has not looked at the flag.
        var request = Large();
        request.ExpectCompressed = new BoolValue { Value = true };
        await Check.FailsAsync(async () => await _client.UnaryCallAsync(request, Compressing(), WriteFlags.NoCompress), StatusCode.InvalidArgument);

        Check.Equal(LargeResponse, (await _client.UnaryCallAsync(request, Compressing())).Payload.Body.Length, "The response's size");
        request.ExpectCompressed = new BoolValue { Value = false };
        Check.Equal(LargeResponse, (await _client.UnaryCallAsync(request)).Payload.Body.Length, "The response's size");
    }

    private async Task ServerCompressedUnaryAsync()
    {
        foreach (var compressed in (bool[])[true, false])
        {
            var before = _gzip.Decompressed;
            var request = Large();
            request.ResponseCompressed = new BoolValue { Value = compressed };
            var response = await _client.UnaryCallAsync(request);
            Check.Equal(LargeResponse, response.Payload.Body.Length, "The response's size");
            Check.Equal(compressed, _gzip.Decompressed > before, "Whether the response is compressed");
        }
    }

    private async Task ClientStreamingAsync()
    {
        using var call = _client.StreamingInputCall();
        foreach (var size in RequestSizes)
            await call.RequestStream.WriteAsync(new StreamingInputCallRequest { Payload = Zeros(size) });
        await call.RequestStream.CompleteAsync();
        Check.Equal(RequestSizes.Sum(), (await call).AggregatedPayloadSize, "The sum of sizes");
    }

    private async Task ClientCompressedStreamingAsync()
    {
        using (var lie = _client.StreamingInputCall(Compressing()))
        {
            lie.RequestStream.WriteOptions = new WriteOptions(WriteFlags.NoCompress);
            await lie.RequestStream.WriteAsync(Expecting(27_182, compressed: true));
            await lie.RequestStream.CompleteAsync();
            await Check.FailsAsync(async () => await lie, StatusCode.InvalidArgument);
        }

        using var call = _client.StreamingInputCall(Compressing());
        await call.RequestStream.WriteAsync(Expecting(27_182, compressed: true));
        call.RequestStream.WriteOptions = new WriteOptions(WriteFlags.NoCompress);
        await call.RequestStream.WriteAsync(Expecting(45_904, compressed: false));
        await call.RequestStream.CompleteAsync();
        Check.Equal(73_086, (await call).AggregatedPayloadSize, "The sum of sizes");
    }

    private async Task ServerStreamingAsync()
    {
        using var call = _client.StreamingOutputCall(Asking(Sizes));
        var sizes = await call.ResponseStream.ReadAllAsync().Select(response => response.Payload.Body.Length).ToListAsync();
        Check.True(Sizes.SequenceEqual(sizes), $"The responses' sizes are {string.Join(", ", sizes)}.");
    }

    private async Task ServerCompressedStreamingAsync()
    {
        var request = Asking(31_415, 92_653);
        request.ResponseParameters[0].Compressed = new BoolValue { Value = true };
        request.ResponseParameters[1].Compressed = new BoolValue { Value = false };
        using var call = _client.StreamingOutputCall(request);
        foreach (var parameters in request.ResponseParameters)
        {
            var before = _gzip.Decompressed;
            Check.True(await call.ResponseStream.MoveNext(), "A response is missing.");
            Check.Equal(parameters.Size, call.ResponseStream.Current.Payload.Body.Length, "The response's size");
            Check.Equal(parameters.Compressed.Value, _gzip.Decompressed > before, "Whether the response is compressed");
        }

        Check.True(!await call.ResponseStream.MoveNext(), "There is a response too many.");
    }

    private async Task PingPongAsync()
    {
        using var call = _client.FullDuplexCall();
        foreach (var (asked, sent) in Sizes.Zip(RequestSizes))
        {
            var request = Asking(asked);
            request.Payload = Zeros(sent);
            await call.RequestStream.WriteAsync(request);
            Check.True(await call.ResponseStream.MoveNext(), "A response is missing.");
            Check.Equal(asked, call.ResponseStream.Current.Payload.Body.Length, "The response's size");
        }

        await call.RequestStream.CompleteAsync();
        Check.True(!await call.ResponseStream.MoveNext(), "There is a response too many.");
    }

    private async Task EmptyStreamAsync()
    {
        using var call = _client.FullDuplexCall();
        await call.RequestStream.CompleteAsync();
        Check.True(!await call.ResponseStream.MoveNext(), "There is a response to nothing.");
    }

    private async Task CustomMetadataAsync()
    {
        var metadata = new Metadata { { InteropService.EchoHeader, "test_initial_metadata_value" }, { InteropService.EchoTrailer, [0xAB, 0xAB, 0xAB] } };
        using var unary = _client.UnaryCallAsync(Large(), metadata);
        await unary;
        CheckMetadata(await unary.ResponseHeadersAsync, unary.GetTrailers());

        using var duplex = _client.FullDuplexCall(metadata);
        await duplex.RequestStream.WriteAsync(Asking(LargeResponse));
        await duplex.RequestStream.CompleteAsync();
        Check.Equal(1, await duplex.ResponseStream.ReadAllAsync().CountAsync(), "The number of responses");
        CheckMetadata(await duplex.ResponseHeadersAsync, duplex.GetTrailers());

        static void CheckMetadata(Metadata headers, Metadata trailers)
        {
            Check.Equal("test_initial_metadata_value", headers.GetValue(InteropService.EchoHeader), "The echoed header");
            Check.Equal("ABABAB", Convert.ToHexString(trailers.GetValueBytes(InteropService.EchoTrailer) ?? []), "The echoed trailer");
        }
    }

    private async Task StatusCodeAndMessageAsync()
    {
        const string Message = "test status message";
        var status = new EchoStatus { Code = (int)StatusCode.Unknown, Message = Message };
        var unary = await Check.FailsAsync(async () => await _client.UnaryCallAsync(new SimpleRequest { ResponseStatus = status }), StatusCode.Unknown);
        Check.Equal(Message, unary.Status.Detail, "The detail");

        using var call = _client.FullDuplexCall();
        try
        {
            await call.RequestStream.WriteAsync(new StreamingOutputCallRequest { ResponseStatus = status });
            await call.RequestStream.CompleteAsync();
        }
        catch (RpcException early) when (early.StatusCode == StatusCode.Unknown)
        {
            // The server was fast enough to end the call while the request was still being written.
        }

        var duplex = await Check.FailsAsync(() => call.ResponseStream.MoveNext(), StatusCode.Unknown);
        Check.Equal(Message, duplex.Status.Detail, "The detail");
    }

    private async Task SpecialStatusMessageAsync()
    {
        const string Message = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n";
        var request = new SimpleRequest { ResponseStatus = new EchoStatus { Code = (int)StatusCode.Unknown, Message = Message } };
        var failure = await Check.FailsAsync(async () => await _client.UnaryCallAsync(request), StatusCode.Unknown);
        Check.Equal(Message, failure.Status.Detail, "The detail");
    }

    private Task<RpcException> UnimplementedMethodAsync() =>
        Check.FailsAsync(async () => await _client.UnimplementedCallAsync(new Empty()), StatusCode.Unimplemented);

    private Task<RpcException> UnimplementedServiceAsync() => Check.FailsAsync(
        async () => await new UnimplementedService.UnimplementedServiceClient(_channel).UnimplementedCallAsync(new Empty()), StatusCode.Unimplemented);

    private async Task CancelAfterBeginAsync()
    {
        using var cancellation = new CancellationTokenSource();
        using var call = _client.StreamingInputCall(cancellationToken: cancellation.Token);
        await cancellation.CancelAsync();
        await Check.FailsAsync(async () => await call, StatusCode.Cancelled);
    }

    private async Task CancelAfterFirstResponseAsync()
    {
        using var cancellation = new CancellationTokenSource();
        using var call = _client.FullDuplexCall(cancellationToken: cancellation.Token);
        await call.RequestStream.WriteAsync(Asking(31_415));
        Check.True(await call.ResponseStream.MoveNext(), "The first response is missing.");
        await cancellation.CancelAsync();
        await Check.FailsAsync(() => call.ResponseStream.MoveNext(), StatusCode.Cancelled);
    }

    private async Task TimeoutOnSleepingServerAsync()
    {
        using var call = _client.FullDuplexCall(deadline: DateTime.UtcNow.AddMilliseconds(1));
        try
        {
            await call.RequestStream.WriteAsync(new StreamingOutputCallRequest { Payload = Zeros(27_182) });
        }
        catch (RpcException early)
        {
            Check.Equal(StatusCode.DeadlineExceeded, early.StatusCode, "The status of a write after the deadline");
        }

        await Check.FailsAsync(() => call.ResponseStream.MoveNext(), StatusCode.DeadlineExceeded);
    }

    private Task ConcurrentLargeUnaryAsync() => Task.WhenAll(Enumerable.Range(0, 100).Select(_ => LargeUnaryAsync()));

    private async Task RpcSoakAsync()
    {
        for (var i = 0; i < SoakCalls; i++)
            await LargeUnaryAsync();
    }

    private async Task ChannelSoakAsync()
    {
        for (var i = 0; i < SoakCalls; i++)
        {
            using var channel = Channel();
            await LargeUnaryAsync(new TestService.TestServiceClient(channel));
        }
    }

    private async Task LongLivedChannelAsync()
    {
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        for (var i = 0; i < 5; i++)
        {
            await LargeUnaryAsync();
            await pace.WaitForNextTickAsync();
        }
    }

    private async Task PickFirstUnaryAsync()
    {
        var servers = new HashSet<string>();
        for (var i = 0; i < SoakCalls; i++)
            servers.Add((await _client.UnaryCallAsync(new SimpleRequest { ResponseSize = 1, Payload = Zeros(1), FillServerId = true })).ServerId);
        Check.True(!servers.Contains(""), "The server does not say who it is.");
        Check.Equal(1, servers.Count, "The number of servers");
    }

    private async Task ConnectionScalingAsync()
    {
        var calls = new List<AsyncDuplexStreamingCall<StreamingOutputCallRequest, StreamingOutputCallResponse>>();
        try
        {
            var peers = new List<string>();
            for (var i = 0; i <= ScarceStreams; i++)
            {
                var call = _client.FullDuplexCall();
                calls.Add(call);
                await call.RequestStream.WriteAsync(
                    new() { ResponseParameters = { new ResponseParameters { Size = 1, FillPeerSocketAddress = new BoolValue { Value = true } } } });
                Check.True(await call.ResponseStream.MoveNext(), "A response is missing.");
                peers.Add(call.ResponseStream.Current.PeerSocketAddress);
            }

            Check.Equal(1, peers.Take(ScarceStreams).Distinct().Count(), "The number of connections up to the limit");
            Check.True(!peers.Take(ScarceStreams).Contains(peers[^1]), $"A stream beyond the limit is on connection {peers[^1]} as well.");
        }
        finally
        {
            calls.ForEach(call => call.Dispose());
        }
    }

    private static SimpleRequest Large() => new() { ResponseSize = LargeResponse, Payload = Zeros(LargeRequest) };

    private static Metadata Compressing() => new() { { InteropService.EncodingRequest, "gzip" } };

    private static StreamingInputCallRequest Expecting(int size, bool compressed) =>
        new() { Payload = Zeros(size), ExpectCompressed = new BoolValue { Value = compressed } };

    private static StreamingOutputCallRequest Asking(params int[] sizes) =>
        new() { ResponseParameters = { sizes.Select(size => new ResponseParameters { Size = size }) } };

    private static Payload Zeros(int bytes) => new() { Body = UnsafeByteOperations.UnsafeWrap(new byte[bytes]) };
}

/// <summary>Shorter ways to call.</summary>
file static class Calls
{
    public static AsyncUnaryCall<SimpleResponse> UnaryCallAsync(
        this TestService.TestServiceClient client, SimpleRequest request, Metadata headers, WriteFlags flags) =>
        client.UnaryCallAsync(request, new CallOptions(headers, writeOptions: new WriteOptions(flags)));
}
