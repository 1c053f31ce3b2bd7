using Grpc.Core;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NodeAgent.Queue;
using NodeAgent.Ship;
using Streams.Contracts.V1;

namespace NodeAgent.Heartbeats;

/// <summary>Reports that the node lives, at a fixed pace and apart from the logs; says goodbye when stopped in good order.</summary>
/// <remarks>A heartbeat is about now: those that find no gateway are not kept.</remarks>
internal sealed partial class HeartbeatService(
    DiskQueue queue, GatewayChannels gateways, VitalsReader vitals, AgentOptions options, TimeProvider time, AgentMetrics metrics,
    ILogger<HeartbeatService> logger) : BackgroundService
{
    /// <summary>Time that a goodbye may take.</summary>
    private static readonly TimeSpan GoodbyeTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Intervals without an acknowledgement after which the stream counts as dead.</summary>
    private const int SilentIntervalsMax = 3;

    private readonly HeartbeatNumbers _numbers = new(queue);
    private readonly CancellationTokenSource _hardStop = new();
    private readonly Signal _acknowledged = new();
    private ulong _sent;
    private ulong _acked;
    private bool _isUp;
    private bool _isDown;

    public override void Dispose()
    {
        _hardStop.Dispose();
        base.Dispose();
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        using var _ = cancellationToken.Register(_hardStop.Cancel);
        await base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        var longest = Shorter(options.Ship.RetryDelayMax, options.HeartbeatInterval);
        var pauses = new Backoff(options.Ship.RetryDelayMin, longest, new Random(options.Ship.Seed ?? 0));
        for (var (turn, failures) = (0, 0); !stoppingToken.IsCancellationRequested; turn++)
        {
            var ackedBefore = _acked;
            try
            {
                await ReportAsync(gateways.Invoker(turn), gateways.Address(turn), stoppingToken);
                return;
            }
            catch (Exception error) when (error is RpcException or TimeoutException or IOException or OperationCanceledException)
            {
                if (stoppingToken.IsCancellationRequested)
                    break;
                metrics.Heartbeat("failed");
                failures = _acked > ackedBefore ? 1 : failures + 1;
                if (_acked > ackedBefore)
                    pauses.Reset();
                NoteFailure(gateways.Address(turn), error, failures);
            }

            if (failures % gateways.Count == 0)
                await Task.Delay(pauses.Next(), time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        NoGoodbye();
    }

    // Returns once the goodbye is acknowledged.
    private async Task ReportAsync(CallInvoker invoker, string gateway, CancellationToken stopping)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(_hardStop.Token);
        using var call = new Ingest.IngestClient(invoker).ReportHeartbeats(cancellationToken: ended.Token);
        var acks = ReceiveAsync(call, gateway, ended.Token);
        using var timer = new PeriodicTimer(options.HeartbeatInterval, time);
        var silent = 0;
        try
        {
            while (!stopping.IsCancellationRequested)
            {
                silent = _acked == _sent ? 0 : silent + 1;
                if (silent > SilentIntervalsMax)
                    throw new TimeoutException($"No heartbeat was acknowledged for {SilentIntervalsMax} intervals.");
                await SendAsync(call, NodeState.Up, acks);
                var tick = timer.WaitForNextTickAsync(stopping).AsTask();
                if (await Task.WhenAny(tick, acks) == acks)
                    await acks;
            }

            await SendAsync(call, NodeState.Left, acks);
            await AwaitGoodbyeAsync(acks);
        }
        finally
        {
            await ended.CancelAsync();
            await acks.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task SendAsync(AsyncDuplexStreamingCall<Heartbeat, HeartbeatAck> call, NodeState state, Task acks)
    {
        var heartbeat = new Heartbeat
        {
            NodeId = options.NodeId,
            Position = new Position { Epoch = queue.Epoch, Sequence = _numbers.Next() },
            Sent = Timestamp.FromDateTimeOffset(time.GetUtcNow()),
            Interval = Duration.FromTimeSpan(options.HeartbeatInterval),
            Reported = state,
            Vitals = vitals.Read(),
            Version = options.Version,
        };
        heartbeat.Labels.Add(options.Labels.ToDictionary());
        heartbeat.Services.Add(options.Services);
        _sent = heartbeat.Position.Sequence;

        // A gateway that is not there may leave the write hanging; its answers say so sooner.
        var write = call.RequestStream.WriteAsync(heartbeat);
        if (await Task.WhenAny(write, acks).WaitAsync(options.Ship.AnswerTimeout, time) == acks)
            await acks;
        await write;
        metrics.Heartbeat("sent");
    }

    private async Task ReceiveAsync(AsyncDuplexStreamingCall<Heartbeat, HeartbeatAck> call, string gateway, CancellationToken cancellation)
    {
        while (await call.ResponseStream.MoveNext(cancellation))
        {
            _acked = Math.Max(_acked, call.ResponseStream.Current.Sequence);
            metrics.Heartbeat("acknowledged");
            if (!_isUp)
                Reporting(gateway, options.HeartbeatInterval);
            (_isUp, _isDown) = (true, false);
            _acknowledged.Set();
        }

        throw new RpcException(new Status(StatusCode.Unavailable, "The gateway ended the heartbeats."));
    }

    private async Task AwaitGoodbyeAsync(Task acks)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            var armed = _acknowledged.Arm();
            if (_acked >= _sent)
                return;
            if (acks.IsCompleted)
                await acks;
            await Task.WhenAny(armed, acks).WaitAsync(Longer(GoodbyeTimeout - time.GetElapsedTime(began), TimeSpan.Zero), time);
        }
    }

    private void NoteFailure(string gateway, Exception error, int failures)
    {
        if (failures < gateways.Count || _isDown)
            return;
        (_isUp, _isDown) = (false, true);
        NoGateway(gateway, error is RpcException rpc ? $"{rpc.StatusCode}: {rpc.Status.Detail}" : error.Message);
    }

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static TimeSpan Longer(TimeSpan a, TimeSpan b) => a > b ? a : b;

    [LoggerMessage(50, LogLevel.Information, "Gateway {Gateway} takes heartbeats, one every {Interval}.")]
    private partial void Reporting(string gateway, TimeSpan interval);

    [LoggerMessage(51, LogLevel.Warning, "No gateway takes heartbeats (last {Gateway}: {Reason}); the node will be taken for down. Trying on.")]
    private partial void NoGateway(string gateway, string reason);

    [LoggerMessage(52, LogLevel.Information, "No gateway took the goodbye; the node will be taken for down.")]
    private partial void NoGoodbye();
}
