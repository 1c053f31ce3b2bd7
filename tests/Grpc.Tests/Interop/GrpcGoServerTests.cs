using System.Net;
using System.Net.Sockets;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Tests.Interop.V1;

namespace Grpc.Tests.Interop;

/// <summary>Our client against grpc-go's own interoperability server.</summary>
public sealed class GrpcGoServerTests : IAsyncLifetime
{
    private static readonly int[] Sizes = [31_415, 9, 2_653, 58_979];

    private OtherProgram? _server;
    private GrpcChannel? _channel;

    private TestService.TestServiceClient Client => new(_channel!);

    public async Task InitializeAsync()
    {
        if (!OtherClients.AreHere)
            return;

        var port = FreePort();
        _server = OtherClients.StartOrSkip("interop-server", "--port", $"{port}");
        await _server.ListensAsync(port, EchoHost.Patience);
        _channel = GrpcChannel.ForAddress($"http://127.0.0.1:{port}");
    }

    public async Task DisposeAsync()
    {
        _channel?.Dispose();
        if (_server is not null)
            await _server.DisposeAsync();
    }

    [SkippableFact]
    public async Task Unary_calls_empty_and_large()
    {
        OtherClients.RunOrSkip();

        await Client.EmptyCallAsync(new Empty());
        var response = await Client.UnaryCallAsync(new SimpleRequest { ResponseSize = 314_159, Payload = Zeros(271_828) });

        Assert.Equal(314_159, response.Payload.Body.Length);
    }

    [SkippableFact]
    public async Task Streams_of_each_kind()
    {
        OtherClients.RunOrSkip();

        using var up = Client.StreamingInputCall();
        foreach (var size in (int[])[27_182, 8, 1_828, 45_904])
            await up.RequestStream.WriteAsync(new StreamingInputCallRequest { Payload = Zeros(size) });
        await up.RequestStream.CompleteAsync();
        Assert.Equal(74_922, (await up).AggregatedPayloadSize);

        using var down = Client.StreamingOutputCall(Asking(Sizes));
        Assert.Equal(Sizes, await down.ResponseStream.ReadAllAsync().Select(response => response.Payload.Body.Length).ToListAsync());

        using var both = Client.FullDuplexCall();
        foreach (var size in Sizes)
        {
            await both.RequestStream.WriteAsync(Asking(size));
            Assert.True(await both.ResponseStream.MoveNext().WaitAsync(EchoHost.Patience));
            Assert.Equal(size, both.ResponseStream.Current.Payload.Body.Length);
        }

        await both.RequestStream.CompleteAsync();
        Assert.False(await both.ResponseStream.MoveNext().WaitAsync(EchoHost.Patience));
    }

    [SkippableFact]
    public async Task A_stream_of_nothing()
    {
        OtherClients.RunOrSkip();
        using var call = Client.FullDuplexCall();

        await call.RequestStream.CompleteAsync();

        Assert.False(await call.ResponseStream.MoveNext().WaitAsync(EchoHost.Patience));
    }

    [SkippableFact]
    public async Task Metadata_both_ways()
    {
        OtherClients.RunOrSkip();
        var metadata = new Metadata { { InteropService.EchoHeader, "test_initial_metadata_value" }, { InteropService.EchoTrailer, [0xAB, 0xAB, 0xAB] } };
        using var call = Client.FullDuplexCall(metadata);

        await call.RequestStream.WriteAsync(Asking(1));
        Assert.True(await call.ResponseStream.MoveNext());
        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext());

        Assert.Equal("test_initial_metadata_value", (await call.ResponseHeadersAsync).GetValue(InteropService.EchoHeader));
        Assert.Equal([0xAB, 0xAB, 0xAB], call.GetTrailers().GetValueBytes(InteropService.EchoTrailer)!);
    }

    [SkippableFact]
    public async Task Statuses_with_any_text()
    {
        OtherClients.RunOrSkip();
        const string Special = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n";

        var failure = await Assert.ThrowsAsync<RpcException>(async () => await Client.UnaryCallAsync(
            new SimpleRequest { ResponseStatus = new EchoStatus { Code = 2, Message = Special } }));

        Assert.Equal((StatusCode.Unknown, Special), (failure.StatusCode, failure.Status.Detail));
    }

    [SkippableFact]
    public async Task Methods_and_services_that_are_not_there()
    {
        OtherClients.RunOrSkip();

        var method = await Assert.ThrowsAsync<RpcException>(async () => await Client.UnimplementedCallAsync(new Empty()));
        var service = await Assert.ThrowsAsync<RpcException>(
            async () => await new UnimplementedService.UnimplementedServiceClient(_channel!).UnimplementedCallAsync(new Empty()));

        Assert.Equal((StatusCode.Unimplemented, StatusCode.Unimplemented), (method.StatusCode, service.StatusCode));
    }

    [SkippableFact]
    public async Task Deadlines_and_cancellation()
    {
        OtherClients.RunOrSkip();

        using var sleeping = Client.FullDuplexCall(deadline: DateTime.UtcNow.AddMilliseconds(1));
        var late = await Assert.ThrowsAsync<RpcException>(() => sleeping.ResponseStream.MoveNext().WaitAsync(EchoHost.Patience));

        using var cancellation = new CancellationTokenSource();
        using var cancelled = Client.FullDuplexCall(cancellationToken: cancellation.Token);
        await cancelled.RequestStream.WriteAsync(Asking(31_415));
        Assert.True(await cancelled.ResponseStream.MoveNext().WaitAsync(EchoHost.Patience));
        await cancellation.CancelAsync();
        var stopped = await Assert.ThrowsAsync<RpcException>(() => cancelled.ResponseStream.MoveNext());

        Assert.Equal((StatusCode.DeadlineExceeded, StatusCode.Cancelled), (late.StatusCode, stopped.StatusCode));
    }

    private static StreamingOutputCallRequest Asking(params int[] sizes) =>
        new() { Payload = Zeros(8), ResponseParameters = { sizes.Select(size => new ResponseParameters { Size = size }) } };

    private static Payload Zeros(int bytes) => new() { Body = ByteString.CopyFrom(new byte[bytes]) };

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
