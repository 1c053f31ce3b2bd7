using Grpc.Core;
using Monitor.Hosting;
using Monitor.Live;
using Monitor.Nodes;
using Monitor.State;
using Streams;
using Streams.Contracts.V1;

namespace Monitor.Queries;

/// <summary>Interactive queries on nodes: answered from the stores of this instance.</summary>
internal sealed class NodeQueriesService(
    MonitorEngine engine, MaintenanceRequests maintenance, LiveFeeds live, LiveStreams streams, MonitorOptions options, TimeProvider time)
    : NodeQueries.NodeQueriesBase
{
    private static readonly TimeSpan MaintenanceMax = TimeSpan.FromDays(365);

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    public override Task<Node> GetNode(GetNodeRequest request, ServerCallContext context) =>
        Task.FromResult(NodeViews.Of(Find(request.NodeId), Now));

    public override async Task ListNodes(ListNodesRequest request, IServerStreamWriter<Node> responseStream, ServerCallContext context)
    {
        if (!LabelSelector.TryParse(request.LabelSelector, out var selector, out var fault))
            throw Refusal.Invalid(fault);

        var nodes = Ask(() => engine.Nodes.All()
            .Select(entry => entry.Value)
            .Where(status => request.States.Count == 0 || request.States.Contains(status.State))
            .Where(status => selector.Matches(status.Latest?.Labels ?? []))
            .OrderBy(status => status.NodeId, StringComparer.Ordinal)
            .ToList());
        foreach (var status in nodes)
            await responseStream.WriteAsync(NodeViews.Of(status, Now), context.CancellationToken).ConfigureAwait(false);
    }

    public override async Task GetHeartbeatWindows(
        GetHeartbeatWindowsRequest request, IServerStreamWriter<HeartbeatWindow> responseStream, ServerCallContext context)
    {
        Find(request.NodeId);
        var size = (long)options.Detection.WindowSize.TotalMilliseconds;
        var to = request.To is { } end ? Milliseconds.From(end) : Now;
        var from = request.From is { } start ? Milliseconds.From(start) : to - (long)options.Detection.WindowRetention.TotalMilliseconds;
        if (from > to)
            throw Refusal.Invalid("from is later than to.");

        // A window that began before from belongs to the answer where it reaches into it.
        var windows = Ask(() => engine.Windows.Fetch(request.NodeId, Math.Max(0, from - size + 1), to).ToList());
        foreach (var (windowStart, tally) in windows)
        {
            await responseStream.WriteAsync(NodeViews.Of(request.NodeId, tally, windowStart, size, Now), context.CancellationToken)
                .ConfigureAwait(false);
        }
    }

    public override Task WatchNodeEvents(WatchNodeEventsRequest request, IServerStreamWriter<NodeEvent> responseStream, ServerCallContext context)
    {
        var nodes = request.NodeIds.ToHashSet(StringComparer.Ordinal);
        return streams.ServeAsync(live.NodeEvents, told => nodes.Count == 0 || nodes.Contains(told.NodeId), responseStream, context);
    }

    public override async Task<Node> SetMaintenance(SetMaintenanceRequest request, ServerCallContext context)
    {
        Find(request.NodeId);
        var duration = request.Duration?.ToTimeSpan() ?? TimeSpan.Zero;
        if (duration < TimeSpan.Zero || duration > MaintenanceMax)
            throw Refusal.Invalid($"duration is {duration}; it must be from zero, which ends maintenance, to {MaintenanceMax.TotalDays:0} days.");

        var until = duration == TimeSpan.Zero ? 0 : Now + (long)duration.TotalMilliseconds;
        await maintenance.SendAsync(request.NodeId, until, context.CancellationToken).ConfigureAwait(false);
        var obeyed = await maintenance.WaitUntilObeyedAsync(() => Find(request.NodeId), until, context.CancellationToken).ConfigureAwait(false);
        return NodeViews.Of(obeyed, Now);
    }

    public override Task<DescribeStoresResponse> DescribeStores(DescribeStoresRequest request, ServerCallContext context)
    {
        var response = new DescribeStoresResponse();
        // Stores that cannot count are hooks of ours, not state.
        foreach (var store in engine.DescribeStores().Where(s => s.Entries is not null)
            .OrderBy(s => s.Name, StringComparer.Ordinal).ThenBy(s => s.Partition))
        {
            response.Stores.Add(new DescribeStoresResponse.Types.Store
            {
                Name = store.Name,
                Partition = (uint)store.Partition,
                Host = context.Host,
                Active = true,
                Entries = (ulong)(store.Entries ?? 0),
                Lag = (ulong)store.Lag,
            });
        }

        return Task.FromResult(response);
    }

    private NodeStatus Find(string nodeId)
    {
        if (nodeId.Length == 0)
            throw Refusal.Invalid("node_id is empty.");
        return Ask(() => engine.Nodes.TryGet(nodeId, out var status) ? status : null)
            ?? throw Refusal.NotFound($"No heartbeat of node '{nodeId}' was ever seen.");
    }

    private static T Ask<T>(Func<T> question)
    {
        try
        {
            return question();
        }
        catch (StoreNotReadyException notReady)
        {
            throw Refusal.Unavailable($"The nodes' state is not here yet: {notReady.Message}");
        }
    }
}
