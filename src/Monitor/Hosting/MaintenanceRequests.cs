using System.Text;
using Google.Protobuf;
using Kafka;
using Monitor.Pipeline;
using Monitor.Queries;
using Monitor.State;
using Streams.Contracts.V1;

namespace Monitor.Hosting;

/// <summary>Carries requests for maintenance to whichever task holds the node: through a topic, so that they outlive a crash.</summary>
internal sealed class MaintenanceRequests(MonitorOptions options, ILogClient client, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan ObeyLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(25);

    private readonly SemaphoreSlim _one = new(1);
    private ILogProducer? _producer;

    /// <summary>Returns when Kafka holds the request.</summary>
    public async Task SendAsync(string nodeId, long until, CancellationToken cancellation)
    {
        await _one.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            _producer ??= client.CreateProducer(new() { DeliveryTimeout = TimeSpan.FromSeconds(10) });
            var delivery = new Delivery();
            Append(_producer, nodeId, until, delivery);
            var failures = await delivery.SealAndWaitAsync(cancellation).ConfigureAwait(false);
            if (failures.Count > 0)
                throw Refusal.Unavailable($"Kafka did not take the request: {failures[0].Error.Message}");
        }
        catch (KafkaException error)
        {
            throw Refusal.Unavailable($"Kafka did not take the request: {error.Message}");
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Waits until the node's state shows that the request was obeyed.</summary>
    public async Task<NodeStatus> WaitUntilObeyedAsync(Func<NodeStatus> look, long until, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            var status = look();
            if (until == 0 ? status.State != NodeState.Maintenance : status.MaintenanceUntil == until)
                return status;
            if (time.GetElapsedTime(started) > ObeyLimit)
                throw Refusal.Unavailable("The request is in Kafka and will be obeyed, but the topology has not come to it yet.");
            await Task.Delay(Look, time, cancellation).ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_producer is not null)
            await _producer.DisposeAsync().ConfigureAwait(false);
        _one.Dispose();
    }

    private void Append(ILogProducer producer, string nodeId, long until, Delivery delivery)
    {
        var record = new OutgoingRecord
        {
            Topic = MonitorTopology.MaintenanceTopic(options),
            Key = Encoding.UTF8.GetBytes(nodeId),
            HasKey = true,
            Value = new MaintenanceCommand { NodeId = nodeId, Until = until }.ToByteArray(),
            HasValue = true,
            TimestampMs = time.GetUtcNow().ToUnixTimeMilliseconds(),
        };
        if (!producer.TryAppend(record, delivery))
            throw Refusal.Exhausted("Too many requests wait for Kafka already.");
    }
}
