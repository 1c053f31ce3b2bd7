using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NodeAgent.Queue;

namespace NodeAgent.Ship;

/// <summary>Keeps a log stream open to some gateway: the next one where one fails, with pauses where all do.</summary>
internal sealed partial class Shipper(
    DiskQueue queue, GatewayChannels gateways, AgentOptions options, TimeProvider time, AgentMetrics metrics, ILogger<Shipper> logger)
    : BackgroundService
{
    private enum Link
    {
        Untried,
        Up,
        Lost,
    }

    private readonly RejectionLog _rejections = new(logger);
    private volatile Link _link;

    /// <summary>Ships what is queued within the drain time, then ends; the rest stays on disk.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        while (_link is not Link.Lost && queue.Waiting.Records > 0 && !cancellationToken.IsCancellationRequested)
        {
            var left = options.DrainTimeout - time.GetElapsedTime(began);
            var acknowledged = queue.AcknowledgedMore.Arm();
            if (left <= TimeSpan.Zero)
                break;
            if (queue.Waiting.Records > 0)
                await acknowledged.WaitAsync(left, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (queue.Waiting is { Records: > 0 } rest)
            Kept(rest.Records);
        await base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        var seed = options.Ship.Seed ?? 0;
        var backoff = new Backoff(options.Ship.RetryDelayMin, options.Ship.RetryDelayMax, new Random(seed));
        Starting(options.NodeId, string.Join(", ", options.Gateways), queue.Epoch, queue.Waiting.Records, seed);

        var turn = 0;
        var failures = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            var stream = new ShipStream(queue, options, time, metrics, _rejections);
            try
            {
                metrics.Reconnected();
                await stream.RunAsync(gateways.Invoker(turn), () => Welcomed(gateways.Address(turn)), stoppingToken);
                continue;
            }
            catch (Exception error) when (error is RpcException or TimeoutException or IOException or OperationCanceledException)
            {
                if (stoppingToken.IsCancellationRequested)
                    break;
                failures = stream.HadAcknowledgement ? 1 : failures + 1;
                Failed(gateways.Address(turn), Reason(error), failures);
            }

            if (stream.HadAcknowledgement)
                backoff.Reset();
            turn++;
            if (failures % gateways.Count == 0)
                await Task.Delay(backoff.Next(), time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        metrics.IsConnected = false;
    }

    private static string Reason(Exception error) => error is RpcException rpc ? $"{rpc.StatusCode}: {rpc.Status.Detail}" : error.Message;

    private void Welcomed(string gateway)
    {
        if (_link is not Link.Up)
            Shipping(gateway);
        _link = Link.Up;
        metrics.IsConnected = true;
    }

    // One message when the state changes, none for each try.
    private void Failed(string gateway, string reason, int failures)
    {
        metrics.IsConnected = false;
        if (_link is Link.Up && failures < gateways.Count)
            MovingOn(gateway, reason);
        else if (_link is not Link.Lost && failures >= gateways.Count)
            NoGateway(gateway, reason);
        if (failures >= gateways.Count)
            _link = Link.Lost;
        else if (_link is Link.Up)
            _link = Link.Untried;
    }

    [LoggerMessage(41, LogLevel.Information, "Node {NodeId} ships to {Gateways} under epoch {Epoch}; {Records} records wait from before. Seed {Seed}.")]
    private partial void Starting(string nodeId, string gateways, ulong epoch, ulong records, int seed);

    [LoggerMessage(42, LogLevel.Information, "Gateway {Gateway} takes logs.")]
    private partial void Shipping(string gateway);

    [LoggerMessage(43, LogLevel.Warning, "The stream to gateway {Gateway} ended ({Reason}); trying the next.")]
    private partial void MovingOn(string gateway, string reason);

    [LoggerMessage(44, LogLevel.Warning, "No gateway takes logs (last {Gateway}: {Reason}). Records wait in the disk queue; trying on.")]
    private partial void NoGateway(string gateway, string reason);

    [LoggerMessage(45, LogLevel.Information, "{Records} records are not acknowledged yet; they stay on disk and are shipped at the next start.")]
    private partial void Kept(ulong records);
}
