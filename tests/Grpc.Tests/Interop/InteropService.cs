using Google.Protobuf;
using Grpc.Core;
using Grpc.Tests.Interop.V1;

namespace Grpc.Tests.Interop;

/// <summary>The server side of gRPC's interoperability tests.</summary>
internal sealed class InteropService : TestService.TestServiceBase
{
    public const string EchoHeader = "x-grpc-test-echo-initial";
    public const string EchoTrailer = "x-grpc-test-echo-trailing-bin";

    public override Task<Empty> EmptyCall(Empty request, ServerCallContext context) => Task.FromResult(new Empty());

    public override async Task<SimpleResponse> UnaryCall(SimpleRequest request, ServerCallContext context)
    {
        await EchoMetadataAsync(context);
        ThrowIfAsked(request.ResponseStatus);
        return new SimpleResponse { Payload = Zeros(request.ResponseSize) };
    }

    public override async Task StreamingOutputCall(
        StreamingOutputCallRequest request, IServerStreamWriter<StreamingOutputCallResponse> responseStream, ServerCallContext context)
    {
        ThrowIfAsked(request.ResponseStatus);
        foreach (var parameters in request.ResponseParameters)
            await responseStream.WriteAsync(new StreamingOutputCallResponse { Payload = Zeros(parameters.Size) });
    }

    public override async Task<StreamingInputCallResponse> StreamingInputCall(
        IAsyncStreamReader<StreamingInputCallRequest> requestStream, ServerCallContext context) =>
        new() { AggregatedPayloadSize = await requestStream.ReadAllAsync().Select(request => request.Payload.Body.Length).SumAsync() };

    public override async Task FullDuplexCall(
        IAsyncStreamReader<StreamingOutputCallRequest> requestStream,
        IServerStreamWriter<StreamingOutputCallResponse> responseStream,
        ServerCallContext context)
    {
        await EchoMetadataAsync(context);
        await foreach (var request in requestStream.ReadAllAsync())
            await StreamingOutputCall(request, responseStream, context);
    }

    private static async Task EchoMetadataAsync(ServerCallContext context)
    {
        if (context.RequestHeaders.GetValueBytes(EchoTrailer) is { } trailer)
            context.ResponseTrailers.Add(EchoTrailer, trailer);
        if (context.RequestHeaders.GetValue(EchoHeader) is { } header)
            await context.WriteResponseHeadersAsync(new Metadata { { EchoHeader, header } });
    }

    private static void ThrowIfAsked(EchoStatus? status)
    {
        if (status is { Code: not 0 })
            throw new RpcException(new Status((StatusCode)status.Code, status.Message));
    }

    private static Payload Zeros(int bytes) => new() { Body = ByteString.CopyFrom(new byte[bytes]) };
}
