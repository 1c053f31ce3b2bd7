using Google.Protobuf;
using Grpc.Core;
using Grpc.Interop.V1;

namespace Grpc.Interop;

/// <summary>The server side of gRPC's interoperability tests.</summary>
internal sealed class InteropService(CountedGzip gzip) : TestService.TestServiceBase
{
    public const string EchoHeader = "x-grpc-test-echo-initial";
    public const string EchoTrailer = "x-grpc-test-echo-trailing-bin";
    public const string EncodingRequest = "grpc-internal-encoding-request";

    private static readonly WriteOptions Uncompressed = new(WriteFlags.NoCompress);

    public override Task<Empty> EmptyCall(Empty request, ServerCallContext context) => Task.FromResult(new Empty());

    public override async Task<SimpleResponse> UnaryCall(SimpleRequest request, ServerCallContext context)
    {
        await EchoMetadataAsync(context, request.ResponseCompressed?.Value is true);
        ThrowIfAsked(request.ResponseStatus);
        Expect(request.ExpectCompressed, before: 0);
        context.WriteOptions = OptionsFor(request.ResponseCompressed);
        return new SimpleResponse { Payload = Zeros(request.ResponseSize) };
    }

    public override Task<SimpleResponse> CacheableUnaryCall(SimpleRequest request, ServerCallContext context) => UnaryCall(request, context);

    public override async Task StreamingOutputCall(
        StreamingOutputCallRequest request, IServerStreamWriter<StreamingOutputCallResponse> responseStream, ServerCallContext context)
    {
        await EchoMetadataAsync(context, request.ResponseParameters.Any(parameters => parameters.Compressed?.Value is true));
        await AnswerAsync(request, responseStream, context);
    }

    public override async Task<StreamingInputCallResponse> StreamingInputCall(
        IAsyncStreamReader<StreamingInputCallRequest> requestStream, ServerCallContext context)
    {
        var bytes = 0;
        for (var before = gzip.Decompressed; await requestStream.MoveNext(); before = gzip.Decompressed)
        {
            Expect(requestStream.Current.ExpectCompressed, before);
            bytes += requestStream.Current.Payload.Body.Length;
        }

        return new() { AggregatedPayloadSize = bytes };
    }

    public override async Task FullDuplexCall(
        IAsyncStreamReader<StreamingOutputCallRequest> requestStream,
        IServerStreamWriter<StreamingOutputCallResponse> responseStream,
        ServerCallContext context)
    {
        await EchoMetadataAsync(context, compresses: false);
        await foreach (var request in requestStream.ReadAllAsync())
            await AnswerAsync(request, responseStream, context);
    }

    public override async Task HalfDuplexCall(
        IAsyncStreamReader<StreamingOutputCallRequest> requestStream,
        IServerStreamWriter<StreamingOutputCallResponse> responseStream,
        ServerCallContext context)
    {
        foreach (var request in await requestStream.ReadAllAsync().ToListAsync())
            await AnswerAsync(request, responseStream, context);
    }

    private static async Task AnswerAsync(
        StreamingOutputCallRequest request, IServerStreamWriter<StreamingOutputCallResponse> responses, ServerCallContext context)
    {
        ThrowIfAsked(request.ResponseStatus);
        foreach (var parameters in request.ResponseParameters)
        {
            if (parameters.IntervalUs > 0)
                await Task.Delay(TimeSpan.FromMicroseconds(parameters.IntervalUs), context.CancellationToken);
            responses.WriteOptions = OptionsFor(parameters.Compressed);
            await responses.WriteAsync(new StreamingOutputCallResponse { Payload = Zeros(parameters.Size) });
        }
    }

    private static async Task EchoMetadataAsync(ServerCallContext context, bool compresses)
    {
        var headers = new Metadata();
        if (context.RequestHeaders.GetValueBytes(EchoTrailer) is { } trailer)
            context.ResponseTrailers.Add(EchoTrailer, trailer);
        if (context.RequestHeaders.GetValue(EchoHeader) is { } header)
            headers.Add(EchoHeader, header);
        if (compresses)
            headers.Add(EncodingRequest, "gzip");
        if (headers.Count > 0)
            await context.WriteResponseHeadersAsync(headers);
    }

    private static void ThrowIfAsked(EchoStatus? status)
    {
        if (status is { Code: not 0 })
            throw new RpcException(new Status((StatusCode)status.Code, status.Message));
    }

    private static WriteOptions? OptionsFor(BoolValue? compressed) => compressed?.Value is true ? null : Uncompressed;

    private static Payload Zeros(int bytes) => new() { Body = UnsafeByteOperations.UnsafeWrap(new byte[bytes]) };

    private void Expect(BoolValue? compressed, int before)
    {
        if (compressed is not null && compressed.Value != gzip.Decompressed > before)
        {
            throw new RpcException(new Status(
                StatusCode.InvalidArgument, compressed.Value ? "The request came uncompressed." : "The request came compressed."));
        }
    }
}
