using System.Diagnostics.Metrics;
using Streams.Contracts.V1;

namespace Gateway;

/// <summary>The gateway's instruments. Counted per batch.</summary>
internal sealed class GatewayMetrics
{
    private readonly Meter _meter;
    private readonly Counter<long> _records;
    private readonly Counter<long> _bytes;
    private readonly Counter<long> _rejected;
    private readonly Counter<long> _heartbeats;
    private readonly Counter<long> _broken;
    private readonly Counter<double> _backpressure;
    private readonly Histogram<int> _batchRecords;
    private readonly Histogram<double> _duration;
    private readonly UpDownCounter<long> _streams;
    private readonly UpDownCounter<long> _inFlight;
    private int _kafkaReady;

    public GatewayMetrics(IMeterFactory meters)
    {
        _meter = meters.Create("Streams.Gateway");
        _records = _meter.CreateCounter<long>("streams.gateway.ingest.records", "{record}", "Log records that Kafka holds, by level.");
        _bytes = _meter.CreateCounter<long>("streams.gateway.ingest.bytes", "By", "Bytes of log records that Kafka holds.");
        _rejected = _meter.CreateCounter<long>("streams.gateway.ingest.rejected", "{record}", "Log records refused for good, by reason.");
        _heartbeats = _meter.CreateCounter<long>("streams.gateway.heartbeats", "{heartbeat}", "Heartbeats that Kafka holds.");
        _broken = _meter.CreateCounter<long>("streams.gateway.streams.ended", "{stream}", "Streams that the gateway ended, by status.");
        _backpressure = _meter.CreateCounter<double>("streams.gateway.backpressure", "s", "Time in which streams were not read because Kafka was behind.");
        _batchRecords = _meter.CreateHistogram<int>("streams.gateway.ingest.batch", "{record}", "Records in a batch.");
        _duration = _meter.CreateHistogram<double>("streams.gateway.ingest.duration", "s", "Time from a batch's receipt to its acknowledgement.");
        _streams = _meter.CreateUpDownCounter<long>("streams.gateway.streams.active", "{stream}", "Streams open, by method.");
        _inFlight = _meter.CreateUpDownCounter<long>("streams.gateway.inflight.records", "{record}", "Records received and not acknowledged.");
        _meter.CreateObservableGauge("streams.gateway.kafka.ready", () => Volatile.Read(ref _kafkaReady), description: "1 while Kafka answers.");
    }

    /// <summary>The meter itself, so that one gateway among several in a process can be listened to.</summary>
    public Meter Meter => _meter;

    public void KafkaReady(bool ready) => Volatile.Write(ref _kafkaReady, ready ? 1 : 0);

    public void StreamOpened(string method) => _streams.Add(1, Tag("method", method));

    public void StreamClosed(string method) => _streams.Add(-1, Tag("method", method));

    public void StreamEnded(string status) => _broken.Add(1, Tag("status", status));

    public void BatchReceived(int records)
    {
        _batchRecords.Record(records);
        _inFlight.Add(records);
    }

    public void BatchLeft(int records) => _inFlight.Add(-records);

    public void BatchAcknowledged(BatchTally tally, TimeSpan duration)
    {
        for (var level = 0; level < BatchTally.Levels.Length; level++)
        {
            if (tally.ByLevel[level] > 0)
                _records.Add(tally.ByLevel[level], Tag("level", BatchTally.Levels[level]));
        }

        if (tally.Bytes > 0)
            _bytes.Add(tally.Bytes);
        _duration.Record(duration.TotalSeconds);
    }

    public void Rejected(string reason, int records) => _rejected.Add(records, Tag("reason", reason));

    public void HeartbeatAcknowledged() => _heartbeats.Add(1);

    public void NotRead(TimeSpan time)
    {
        if (time > TimeSpan.Zero)
            _backpressure.Add(time.TotalSeconds);
    }

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);
}

/// <summary>What a batch holds, counted once.</summary>
internal sealed class BatchTally
{
    /// <summary>The levels' names, by the severity number's range.</summary>
    public static readonly string[] Levels = ["unspecified", "trace", "debug", "info", "warn", "error", "fatal"];

    public int[] ByLevel { get; } = new int[Levels.Length];

    public long Bytes { get; private set; }

    public void Add(Severity severity, int bytes)
    {
        ByLevel[((int)severity + 3) / 4]++;
        Bytes += bytes;
    }
}
