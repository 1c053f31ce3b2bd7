using System.Diagnostics.Metrics;
using NodeAgent.Queue;

namespace NodeAgent;

/// <summary>The agent's counts, as instruments of the meter <c>Streams.NodeAgent</c> and as numbers for heartbeats.</summary>
internal sealed class AgentMetrics
{
    private readonly Meter _meter;
    private readonly Counter<long> _read;
    private readonly Counter<long> _readBytes;
    private readonly Counter<long> _sent;
    private readonly Counter<long> _dropped;
    private readonly Counter<long> _faults;
    private readonly Counter<long> _reconnects;
    private readonly Counter<long> _heartbeats;
    private readonly Histogram<double> _sendTime;
    private long _sentTotal;
    private long _droppedTotal;
    private long _filesOpen;
    private long _unreadBytes;
    private long _lastAckMs;
    private int _isConnected;

    public AgentMetrics(IMeterFactory meters)
    {
        _meter = meters.Create("Streams.NodeAgent");
        _read = _meter.CreateCounter<long>("streams.agent.read.records", description: "Records put into the disk queue.");
        _readBytes = _meter.CreateCounter<long>("streams.agent.read.bytes", "By", "Bytes read from files.");
        _sent = _meter.CreateCounter<long>("streams.agent.sent.records", description: "Records that a gateway has answered for, by result.");
        _dropped = _meter.CreateCounter<long>("streams.agent.dropped.records", description: "Records that never entered the queue, by reason.");
        _faults = _meter.CreateCounter<long>("streams.agent.line.faults", description: "Lines and files with something wrong, by cause.");
        _reconnects = _meter.CreateCounter<long>("streams.agent.reconnects", description: "Log streams begun.");
        _heartbeats = _meter.CreateCounter<long>("streams.agent.heartbeats.sent", description: "Heartbeats, by result.");
        _meter.CreateObservableGauge("streams.agent.open.files", () => Volatile.Read(ref _filesOpen), "{file}", "Files followed.");
        _meter.CreateObservableGauge("streams.agent.read.lag", () => Volatile.Read(ref _unreadBytes), "By", "Bytes of followed files that are not in the queue yet, as of the latest look.");
        _meter.CreateObservableGauge("streams.agent.last.ack.timestamp", () => Volatile.Read(ref _lastAckMs) / 1000.0, "s", "When a gateway acknowledged records last, in seconds since 1970-01-01 UTC; 0 for never.");
        _sendTime = _meter.CreateHistogram<double>("streams.agent.send.duration", "s", "Time from sending a batch to the gateway's acknowledgement.");
        BeginAtZero();
        _meter.CreateObservableGauge("streams.agent.gateway.connected", () => Volatile.Read(ref _isConnected), description: "1 while a gateway takes logs.");
    }

    /// <summary>Records acknowledged since the start.</summary>
    public long Sent => Volatile.Read(ref _sentTotal);

    /// <summary>Records lost since the start: refused by the gateway, or dropped before the queue.</summary>
    public long Dropped => Volatile.Read(ref _droppedTotal);

    /// <summary>A gateway takes logs now.</summary>
    public bool IsConnected
    {
        get => Volatile.Read(ref _isConnected) != 0;
        set => Volatile.Write(ref _isConnected, value ? 1 : 0);
    }

    public void Observe(DiskQueue queue, long bytesMax)
    {
        _meter.CreateObservableGauge("streams.agent.buffer.limit", () => bytesMax, "By", "Bytes that the disk queue may take.");
        _meter.CreateObservableGauge("streams.agent.buffer.records", () => (long)queue.Waiting.Records, description: "Records waiting in the disk queue.");
        _meter.CreateObservableGauge("streams.agent.buffer.bytes", () => queue.Waiting.Bytes, "By", "Bytes waiting in the disk queue.");
    }

    public void Read(int records, long bytes)
    {
        _read.Add(records);
        _readBytes.Add(bytes);
    }

    public void FilesOpen(int files) => Volatile.Write(ref _filesOpen, files);

    /// <summary>How much of the followed files is not read yet.</summary>
    public void Unread(long bytes) => Volatile.Write(ref _unreadBytes, bytes);

    /// <summary>A gateway answered for a batch.</summary>
    public void Answered(TimeSpan took, DateTimeOffset at)
    {
        _sendTime.Record(took.TotalSeconds);
        Volatile.Write(ref _lastAckMs, at.ToUnixTimeMilliseconds());
    }

    public void Acknowledged(long records, int rejected)
    {
        Interlocked.Add(ref _sentTotal, records - rejected);
        _sent.Add(records - rejected, new KeyValuePair<string, object?>("result", "acknowledged"));
        if (rejected == 0)
            return;
        Interlocked.Add(ref _droppedTotal, rejected);
        _sent.Add(rejected, new KeyValuePair<string, object?>("result", "rejected"));
    }

    public void Drop(int records, string reason)
    {
        Interlocked.Add(ref _droppedTotal, records);
        _dropped.Add(records, new KeyValuePair<string, object?>("reason", reason));
    }

    public void Fault(string cause) => _faults.Add(1, new KeyValuePair<string, object?>("cause", cause));

    public void Reconnected() => _reconnects.Add(1);

    public void Heartbeat(string result) => _heartbeats.Add(1, new KeyValuePair<string, object?>("result", result));

    // There from the beginning: a rate needs a point before the first record.
    private void BeginAtZero()
    {
        foreach (var result in new[] { "acknowledged", "rejected" })
            _sent.Add(0, new KeyValuePair<string, object?>("result", result));
        foreach (var reason in new[] { "logger_full", "stopped" })
            _dropped.Add(0, new KeyValuePair<string, object?>("reason", reason));
        foreach (var cause in new[] { "long_line", "invalid_utf8", "unreadable" })
            _faults.Add(0, new KeyValuePair<string, object?>("cause", cause));
        foreach (var result in new[] { "sent", "acknowledged", "failed" })
            _heartbeats.Add(0, new KeyValuePair<string, object?>("result", result));
        _read.Add(0);
        _readBytes.Add(0);
        _reconnects.Add(0);
    }
}
