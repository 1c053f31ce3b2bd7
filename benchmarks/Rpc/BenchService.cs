using Google.Protobuf;
using Grpc.Core;

namespace Benchmarks.Rpc;

/// <summary>The gRPC side of the server.</summary>
internal sealed class BenchService : Bench.BenchBase
{
    public override Task<Payload> Echo(Payload request, ServerCallContext context) => Task.FromResult(request);

    public override async Task PingPong(IAsyncStreamReader<Payload> requests, IServerStreamWriter<Payload> responses, ServerCallContext context)
    {
        while (await requests.MoveNext(CancellationToken.None))
            await responses.WriteAsync(requests.Current);
    }

    public override async Task Down(DownRequest request, IServerStreamWriter<Payload> responses, ServerCallContext context)
    {
        var payload = new Payload { Body = ByteString.CopyFrom(new byte[request.Bytes]) };
        for (var i = 0L; i < request.Count; i++)
            await responses.WriteAsync(payload);
    }

    public override async Task<UpReply> Up(IAsyncStreamReader<Payload> requests, ServerCallContext context)
    {
        var reply = new UpReply();
        while (await requests.MoveNext(CancellationToken.None))
            reply.Count++;
        return reply;
    }
}
