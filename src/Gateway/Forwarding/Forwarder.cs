using Microsoft.Extensions.Logging;
using Streams.Contracts.V1;

namespace Gateway.Forwarding;

/// <summary>Hands records to the buffer that Fluentd is fed from. Where nothing is forwarded, it does nothing.</summary>
internal sealed partial class Forwarder(
    FluentdOptions options, ForwardBuffer buffer, ForwardMetrics metrics, TimeProvider time, ILogger<Forwarder> logger)
{
    private static readonly TimeSpan SayDroppedEvery = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly EventEncoder _encoder = new($"gw{Guid.NewGuid():N}"[..14], options.IncludeProtobuf);
    private long _droppedSince;
    private long _saidAt;

    /// <summary>What a batch waits for before its agent is acknowledged; null where it does not wait for Fluentd.</summary>
    public ForwardReceipt? NewReceipt() => options.IsRequired ? new ForwardReceipt() : null;

    /// <summary>Forwards a log record: at once, or when there is room where it must be (the receipt says so).</summary>
    public ValueTask ForwardAsync(LogRecord record, ForwardReceipt? receipt, CancellationToken cancellation)
    {
        if (!options.IsOn)
            return ValueTask.CompletedTask;

        int bytes;
        lock (_gate)
        {
            var entry = _encoder.Encode(record);
            if (buffer.TryAppend(EventTags.Of(record.Severity, options), entry, receipt))
                return ValueTask.CompletedTask;
            bytes = entry.Length;
        }

        if (receipt is not null)
            return ForwardLaterAsync(record, bytes, receipt, cancellation);
        Drop();
        return ValueTask.CompletedTask;
    }

    /// <summary>Forwards a heartbeat: at once, or when there is room where it must be (the receipt says so).</summary>
    public ValueTask ForwardAsync(Heartbeat heartbeat, ForwardReceipt? receipt, CancellationToken cancellation)
    {
        if (!options.IsOn)
            return ValueTask.CompletedTask;

        int bytes;
        lock (_gate)
        {
            var entry = _encoder.Encode(heartbeat);
            if (buffer.TryAppend(EventTags.Heartbeats(options), entry, receipt))
                return ValueTask.CompletedTask;
            bytes = entry.Length;
        }

        if (receipt is not null)
            return ForwardLaterAsync(heartbeat, bytes, receipt, cancellation);
        Drop();
        return ValueTask.CompletedTask;
    }

    private async ValueTask ForwardLaterAsync(LogRecord record, int bytes, ForwardReceipt receipt, CancellationToken cancellation)
    {
        await buffer.WaitForRoomAsync(bytes, cancellation).ConfigureAwait(false);
        await ForwardAsync(record, receipt, cancellation).ConfigureAwait(false);
    }

    private async ValueTask ForwardLaterAsync(Heartbeat heartbeat, int bytes, ForwardReceipt receipt, CancellationToken cancellation)
    {
        await buffer.WaitForRoomAsync(bytes, cancellation).ConfigureAwait(false);
        await ForwardAsync(heartbeat, receipt, cancellation).ConfigureAwait(false);
    }

    private void Drop()
    {
        metrics.Dropped(1);
        long dropped;
        lock (_gate)
        {
            _droppedSince++;
            if (_saidAt != 0 && time.GetElapsedTime(_saidAt) < SayDroppedEvery)
                return;
            (dropped, _droppedSince, _saidAt) = (_droppedSince, 0, time.GetTimestamp());
        }

        BufferFull(options.Server, dropped);
    }

    [LoggerMessage(1, LogLevel.Warning, "The buffer for Fluentd at {Server} is full; {Records} records since this was last said are in Kafka and were not forwarded.")]
    private partial void BufferFull(string server, long records);
}
