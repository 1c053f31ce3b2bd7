using Grpc.Core;
using LoadScenarios.Targets;
using LoadTesting;
using Streams.Contracts.V1;

namespace LoadScenarios.Heartbeats;

/// <summary>Counts alarms that the monitor raises about nodes that beat all the time, and suspicions that came to nothing.</summary>
internal sealed class AlarmWatch : IAsyncDisposable
{
    private static readonly TimeSpan _askAgainAfter = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _ended = new();
    private readonly Task _watching;

    public AlarmWatch(NodeQueries.NodeQueriesClient nodes, Target monitor, IReadOnlySet<string> ours, CounterMetric alarms, CounterMetric suspicions, TimeProvider time) =>
        _watching = WatchAsync(nodes, monitor, ours, alarms, suspicions, time);

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync().ConfigureAwait(false);
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ended.Dispose();
    }

    private async Task WatchAsync(NodeQueries.NodeQueriesClient nodes, Target monitor, IReadOnlySet<string> ours, CounterMetric alarms, CounterMetric suspicions, TimeProvider time)
    {
        while (true)
        {
            try
            {
                using var call = nodes.WatchNodeEvents(new WatchNodeEventsRequest(), monitor.Call(_ended.Token));
                while (await call.ResponseStream.MoveNext(_ended.Token).ConfigureAwait(false))
                {
                    var told = call.ResponseStream.Current;
                    if (ours.Contains(told.NodeId) && told.To is (NodeState.Down or NodeState.Flapping))
                        alarms.Add(1);
                    else if (ours.Contains(told.NodeId) && told.To is NodeState.Suspect)
                        suspicions.Add(1);
                }
            }
            catch (RpcException) when (!_ended.IsCancellationRequested)
            {
                // The monitor is gone for now. What it raised meanwhile is not counted; the nodes' states at the end are asked for by themselves.
            }

            await Task.Delay(_askAgainAfter, time, _ended.Token).ConfigureAwait(false);
        }
    }
}
