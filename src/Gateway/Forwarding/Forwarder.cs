using Gateway.Writing;
using Google.Protobuf;
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

    /// <summary>Forwards records, each at once, or when there is room where it must be (the receipt says so).</summary>
    /// <param name="records">Log records or heartbeats. Not to be changed before this is done.</param>
    /// <param name="receipt">What <see cref="NewReceipt"/> gave for their batch.</param>
    /// <param name="cancellation">Ends the wait for room.</param>
    public async ValueTask ForwardAsync(List<SizedMessage> records, ForwardReceipt? receipt, CancellationToken cancellation)
    {
        if (!options.IsOn)
            return;

        for (var next = 0; ;)
        {
            var until = Math.Min(records.Count, next + Turn.RecordsMax);
            next = Append(records, next, until, receipt, out var bytes);
            if (next < until)
                await buffer.WaitForRoomAsync(bytes, cancellation).ConfigureAwait(false);
            else if (next < records.Count)
                await Turn.EndAsync();
            else
                return;
        }
    }

    // The first that must be forwarded and that there was no room for, and its event's size; 'until' where there is none.
    private int Append(List<SizedMessage> records, int next, int until, ForwardReceipt? receipt, out int bytes)
    {
        var dropped = 0;
        bytes = 0;
        lock (_gate)
        {
            for (; next < until; next++)
            {
                var entry = Encode(records[next].Message, out var tag);
                if (buffer.TryAppend(tag, entry, receipt))
                    continue;
                if (receipt is null)
                {
                    dropped++;
                    continue;
                }

                bytes = entry.Length;
                break;
            }
        }

        if (dropped > 0)
            Drop(dropped);
        return next;
    }

    private ReadOnlySpan<byte> Encode(IMessage message, out int tag)
    {
        switch (message)
        {
            case LogRecord record:
                tag = EventTags.Of(record.Severity, options);
                return _encoder.Encode(record);
            case Heartbeat heartbeat:
                tag = EventTags.Heartbeats(options);
                return _encoder.Encode(heartbeat);
            default:
                throw new ArgumentException($"There are no events of {message.Descriptor.FullName}, only of log records and heartbeats.", nameof(message));
        }
    }

    private void Drop(int records)
    {
        metrics.Dropped(records);
        long dropped;
        lock (_gate)
        {
            _droppedSince += records;
            if (_saidAt != 0 && time.GetElapsedTime(_saidAt) < SayDroppedEvery)
                return;
            (dropped, _droppedSince, _saidAt) = (_droppedSince, 0, time.GetTimestamp());
        }

        BufferFull(options.Server, dropped);
    }

    [LoggerMessage(1, LogLevel.Warning, "The buffer for Fluentd at {Server} is full; {Records} records since this was last said are in Kafka and were not forwarded.")]
    private partial void BufferFull(string server, long records);
}
