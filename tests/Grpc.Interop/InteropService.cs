using Google.Protobuf;
using Grpc.Core;
using Grpc.Interop.V1;

namespace Grpc.Interop;

/// <summary>The server side of gRPC's interoperability tests.</summary>
internal sealed class InteropService(CountedGzip gzip, LoadReports loads) : TestService.TestServiceBase
{
    public const string EchoHeader = "x-grpc-test-echo-initial";
    public const string EchoTrailer = "x-grpc-test-echo-trailing-bin";
    public const string EncodingRequest = "grpc-internal-encoding-request";

    private static readonly WriteOptions Uncompressed = new(WriteFlags.NoCompress);
    private static readonly string ServerId = Guid.NewGuid().ToString("N");

    public override Task<Empty> EmptyCall(Empty request, ServerCallContext context) => Task.FromResult(new Empty());

    public override async Task<SimpleResponse> UnaryCall(SimpleRequest request, ServerCallContext context)
    {
        await EchoMetadataAsync(context, request.ResponseCompressed?.Value is true);
        ThrowIfAsked(request.ResponseStatus);
        Expect(request.ExpectCompressed, before: 0);
        context.WriteOptions = OptionsFor(request.ResponseCompressed);
        if (request.OrcaPerQueryReport is { } report)
            LoadReports.AddTo(context, report);
        var response = new SimpleResponse { Payload = Zeros(request.ResponseSize) };
        if (request.FillServerId)
            response.ServerId = ServerId;
        return response;
    }

    /// <summary>What time it is, in nanoseconds of the Unix epoch: no two are the same.</summary>
    public static Payload Now() =>
        new() { Body = ByteString.CopyFromUtf8($"{(DateTime.UtcNow - DateTime.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick}") };

    /// <summary>Says what time it is, and that this holds for a minute.</summary>
    public override async Task<SimpleResponse> CacheableUnaryCall(SimpleRequest request, ServerCallContext context)
    {
        await context.WriteResponseHeadersAsync(new Metadata { { "cache-control", "max-age=60, public" } });
        return new SimpleResponse { Payload = Now() };
    }

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
        using var turn = new LazyTurn(loads);
        await foreach (var request in requestStream.ReadAllAsync())
        {
            if (request.OrcaOobReport is { } report)
            {
                await turn.TakeAsync(context.CancellationToken);
                loads.Set(report);
            }

            await AnswerAsync(request, responseStream, context);
        }
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
            var response = new StreamingOutputCallResponse { Payload = Zeros(parameters.Size) };
            if (parameters.FillPeerSocketAddress?.Value is true)
                response.PeerSocketAddress = context.Peer;
            await responses.WriteAsync(response);
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

    /// <summary>The right to change the server's load report, from the first change to the end of the call.</summary>
    private sealed class LazyTurn(LoadReports loads) : IDisposable
    {
        private IDisposable? _taken;

        public async Task TakeAsync(CancellationToken cancellation) => _taken ??= await loads.TakeTurnAsync(cancellation);

        public void Dispose() => _taken?.Dispose();
    }
}
