using Cli.Client;
using Grpc.Core;
using Streams.Contracts.V1;

namespace Cli.Up;

/// <summary>Reads the status: counters from this process' meters, nodes from the monitor as any client would.</summary>
internal sealed class StatusReader(Uri monitor, TimeProvider time) : IDisposable
{
    private const string RecordsIn = "streams.gateway.ingest.records";
    private const string RecordsStored = "streams.monitor.store.records";
    private const string Alerts = "streams.monitor.store.alerts";
    private static readonly TimeSpan _askMonitorFor = TimeSpan.FromSeconds(2);

    private readonly Meters _meters = new(RecordsIn, RecordsStored, Alerts);
    private readonly MonitorClient _monitor = new(monitor);
    private long _lastTime = time.GetTimestamp();
    private long _lastIn;
    private long _lastStored;

    public async Task<SystemStatus> ReadAsync(CancellationToken cancellation)
    {
        var nodes = await NodesAsync(cancellation);
        var seconds = Math.Max(time.GetElapsedTime(_lastTime).TotalSeconds, 0.001);
        var (recordsIn, stored) = (_meters[RecordsIn], _meters[RecordsStored]);
        var status = new SystemStatus(
            recordsIn, (recordsIn - _lastIn) / seconds, stored, (stored - _lastStored) / seconds, _meters[Alerts], nodes);
        (_lastTime, _lastIn, _lastStored) = (time.GetTimestamp(), recordsIn, stored);
        return status;
    }

    /// <summary>Tells every change of a node's state, until cancelled.</summary>
    public async Task WatchNodesAsync(Action<NodeEvent> onEvent, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                using var call = _monitor.Nodes.WatchNodeEvents(new WatchNodeEventsRequest(), cancellationToken: cancellation);
                while (await call.ResponseStream.MoveNext(cancellation))
                    onEvent(call.ResponseStream.Current);
            }
            catch (RpcException) when (!cancellation.IsCancellationRequested)
            {
                // The monitor is busy or not there yet: ask again shortly.
                await Task.Delay(_askMonitorFor, time, cancellation);
            }
        }
    }

    public void Dispose()
    {
        _meters.Dispose();
        _monitor.Dispose();
    }

    private async Task<IReadOnlyDictionary<NodeState, int>?> NodesAsync(CancellationToken cancellation)
    {
        try
        {
            var counts = new Dictionary<NodeState, int>();
            using var call = _monitor.Nodes.ListNodes(
                new ListNodesRequest(), deadline: time.GetUtcNow().UtcDateTime + _askMonitorFor, cancellationToken: cancellation);
            while (await call.ResponseStream.MoveNext(cancellation))
                counts[call.ResponseStream.Current.State] = counts.GetValueOrDefault(call.ResponseStream.Current.State) + 1;
            return counts;
        }
        catch (RpcException) when (!cancellation.IsCancellationRequested)
        {
            return null;
        }
    }
}
