using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;

namespace Benchmarks.Rpc;

/// <summary>Calls through our gRPC client.</summary>
internal sealed class GrpcSide : ISide
{
    private readonly GrpcChannel _channel;
    private readonly Bench.BenchClient _client;

    public GrpcSide(Uri address)
    {
        _channel = GrpcChannel.ForAddress(address);
        _client = new(_channel);
    }

    public string Name => "gRPC";

    public Task CallAsync(RpcRow row, Caller caller, CancellationToken stop)
    {
        var payload = new Payload { Body = ByteString.CopyFrom(new byte[row.Bytes]) };
        return row.Kind switch
        {
            RpcKind.Echo => EchoAsync(payload, caller, stop),
            RpcKind.PingPong => PingPongAsync(payload, caller, stop),
            RpcKind.Down => DownAsync(row, caller, stop),
            _ => UpAsync(row, payload, caller, stop),
        };
    }

    public void Dispose() => _channel.Dispose();

    private async Task EchoAsync(Payload payload, Caller caller, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            caller.Ask();
            await _client.EchoAsync(payload, cancellationToken: CancellationToken.None);
            caller.Answered();
        }
    }

    private async Task PingPongAsync(Payload payload, Caller caller, CancellationToken stop)
    {
        using var call = _client.PingPong(cancellationToken: CancellationToken.None);
        while (!stop.IsCancellationRequested)
        {
            caller.Ask();
            await call.RequestStream.WriteAsync(payload, CancellationToken.None);
            if (!await call.ResponseStream.MoveNext(CancellationToken.None))
                throw new InvalidOperationException("The server ended a ping-pong.");
            caller.Answered();
        }

        await call.RequestStream.CompleteAsync();
        while (await call.ResponseStream.MoveNext(CancellationToken.None))
            throw new InvalidOperationException("The server sent an answer to nothing.");
    }

    private async Task DownAsync(RpcRow row, Caller caller, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            using var call = _client.Down(new DownRequest { Count = row.MessagesOfStream, Bytes = row.Bytes }, cancellationToken: CancellationToken.None);
            var count = 0L;
            while (await call.ResponseStream.MoveNext(CancellationToken.None))
                count++;
            Expect(row, count);
            caller.Moved(count);
        }
    }

    private async Task UpAsync(RpcRow row, Payload payload, Caller caller, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            using var call = _client.Up(cancellationToken: CancellationToken.None);
            for (var i = 0; i < row.MessagesOfStream; i++)
                await call.RequestStream.WriteAsync(payload, CancellationToken.None);
            await call.RequestStream.CompleteAsync();
            var reply = await call;
            Expect(row, reply.Count);
            caller.Moved(reply.Count);
        }
    }

    private static void Expect(RpcRow row, long count)
    {
        if (count != row.MessagesOfStream)
            throw new InvalidOperationException($"{row.Name}: {count} messages of {row.MessagesOfStream} came.");
    }
}
