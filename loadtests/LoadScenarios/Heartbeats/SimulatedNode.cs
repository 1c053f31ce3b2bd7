using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using LoadScenarios.Targets;
using LoadTesting;
using Streams.Contracts.V1;

namespace LoadScenarios.Heartbeats;

/// <summary>A node as the gateway sees it: a stream of heartbeats, each answered. A stream that ends is opened again by the next heartbeat.</summary>
internal sealed class SimulatedNode(
    string nodeId, ulong epoch, TimeSpan interval, Ingest.IngestClient client, Target gateway, TimeSpan timeout, TimeProvider time) : IDisposable
{
    /// <summary>The label that all simulated nodes carry.</summary>
    public const string Label = "load";

    private readonly SemaphoreSlim _turn = new(1);
    private HeartbeatCall? _call;
    private ulong _sequence;

    public string NodeId => nodeId;

    /// <summary>Sends a sign of life and waits until it is acknowledged.</summary>
    /// <param name="reported">What the node says of itself.</param>
    /// <param name="cancellation">Ends it early.</param>
    public async Task<Response> BeatAsync(NodeState reported, CancellationToken cancellation)
    {
        HeartbeatCall? call = null;
        try
        {
            (call, var answer, var bytes) = await SendAsync(reported, cancellation).WaitAsync(timeout, time, cancellation).ConfigureAwait(false);
            await answer.WaitAsync(timeout, time, cancellation).ConfigureAwait(false);
            return Response.Ok(sizeBytes: bytes);
        }
        catch (RpcException e)
        {
            return Target.Failure(e);
        }
        catch (TimeoutException)
        {
            call?.End(new Status(StatusCode.DeadlineExceeded, $"No heartbeat was acknowledged for {timeout.TotalSeconds:0.#} s."));
            return Response.Fail("timeout", $"Not acknowledged within {timeout.TotalSeconds:0.#} s.");
        }
    }

    public void Dispose()
    {
        _call?.Dispose();
        _turn.Dispose();
    }

    private async Task<(HeartbeatCall Call, Task Answer, int Bytes)> SendAsync(NodeState reported, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (_call is not { HasEnded: false } call)
            {
                _call?.Dispose();
                _call = call = new HeartbeatCall(client, gateway);
            }

            var heartbeat = new Heartbeat
            {
                NodeId = nodeId,
                Position = new Position { Epoch = epoch, Sequence = ++_sequence },
                Sent = Timestamp.FromDateTimeOffset(time.GetUtcNow()),
                Interval = Duration.FromTimeSpan(interval),
                Reported = reported,
                Vitals = new Vitals { CpuRatio = 0.3, MemoryRatio = 0.5, Load1M = 0.6, DiskRatio = 0.4, RecordsSent = _sequence },
                Version = "load",
                Labels = { [Label] = "heartbeats" },
                Services = { "load" },
            };
            return (call, await call.SendAsync(heartbeat).ConfigureAwait(false), heartbeat.CalculateSize());
        }
        finally
        {
            _turn.Release();
        }
    }
}
