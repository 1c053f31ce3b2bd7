using System.Threading.Channels;
using Grpc.Core;
using Grpc.Health.V1;
using static Grpc.Health.V1.HealthCheckResponse.Types;

namespace Grpc.HealthCheck;

/// <summary>The health service, with statuses that the application sets by hand. Safe for all threads.</summary>
/// <remarks>
/// A watcher that reads slowly misses what was overtaken meanwhile, never the last word: no more than one status waits for it. Source:
/// https://github.com/grpc/grpc/blob/master/doc/health-checking.md.
/// </remarks>
public class HealthServiceImpl : Health.V1.Health.HealthBase
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ServingStatus> _statuses = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<ChannelWriter<ServingStatus>>> _watchers = new(StringComparer.Ordinal);

    /// <summary>Sets a service's status, and tells those that watch it.</summary>
    /// <param name="service">Its full name; empty for the server as a whole.</param>
    /// <param name="status">The status.</param>
    /// <exception cref="ArgumentNullException">The name is null.</exception>
    public void SetStatus(string service, ServingStatus status)
    {
        ArgumentNullException.ThrowIfNull(service);
        lock (_gate)
        {
            _statuses[service] = status;
            Tell(service, status);
        }
    }

    /// <summary>Forgets a service: whoever watches it is told that it is unknown.</summary>
    /// <param name="service">Its full name.</param>
    /// <exception cref="ArgumentNullException">The name is null.</exception>
    public void ClearStatus(string service)
    {
        ArgumentNullException.ThrowIfNull(service);
        lock (_gate)
        {
            if (_statuses.Remove(service))
                Tell(service, ServingStatus.ServiceUnknown);
        }
    }

    /// <summary>Forgets all services.</summary>
    public void ClearAll()
    {
        lock (_gate)
        {
            foreach (var service in _statuses.Keys)
                Tell(service, ServingStatus.ServiceUnknown);
            _statuses.Clear();
        }
    }

    /// <inheritdoc/>
    public override Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        lock (_gate)
        {
            return _statuses.TryGetValue(request.Service, out var status)
                ? Task.FromResult(new HealthCheckResponse { Status = status })
                : throw new RpcException(new Status(StatusCode.NotFound, $"No service '{request.Service}' reports its health here."));
        }
    }

    /// <inheritdoc/>
    public override Task Watch(HealthCheckRequest request, IServerStreamWriter<HealthCheckResponse> responseStream, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(responseStream);
        ArgumentNullException.ThrowIfNull(context);
        return WatchAsync(request.Service, responseStream, CancellationToken.None, context.CancellationToken);
    }

    /// <summary>Tells of a service's status until the call is cancelled; or, with a last word, until the server stops.</summary>
    internal async Task WatchAsync(
        string service, IServerStreamWriter<HealthCheckResponse> responses, CancellationToken stopping, CancellationToken cancelled)
    {
        var news = Channel.CreateBounded<ServingStatus>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
        Add(service, news.Writer);
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, cancelled);
            ServingStatus? told = null;
            await foreach (var status in news.Reader.ReadAllAsync(either.Token).ConfigureAwait(false))
            {
                if (status == told)
                    continue;
                await responses.WriteAsync(new HealthCheckResponse { Status = status }, cancelled).ConfigureAwait(false);
                told = status;
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested && !cancelled.IsCancellationRequested)
        {
            await responses.WriteAsync(new HealthCheckResponse { Status = ServingStatus.NotServing }, cancelled).ConfigureAwait(false);
        }
        finally
        {
            Remove(service, news.Writer);
        }
    }

    private void Add(string service, ChannelWriter<ServingStatus> watcher)
    {
        lock (_gate)
        {
            if (!_watchers.TryGetValue(service, out var watchers))
                _watchers[service] = watchers = [];
            watchers.Add(watcher);
            watcher.TryWrite(_statuses.GetValueOrDefault(service, ServingStatus.ServiceUnknown));
        }
    }

    private void Remove(string service, ChannelWriter<ServingStatus> watcher)
    {
        lock (_gate)
        {
            var watchers = _watchers[service];
            watchers.Remove(watcher);
            if (watchers.Count == 0)
                _watchers.Remove(service);
        }
    }

    private void Tell(string service, ServingStatus status)
    {
        foreach (var watcher in _watchers.GetValueOrDefault(service, []))
            watcher.TryWrite(status);
    }
}
