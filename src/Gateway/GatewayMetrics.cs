using System.Diagnostics.Metrics;
using Gateway.Ingest;
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
    private readonly Counter<long> _sinkRecords;
    private readonly Histogram<double> _sinkTime;
    private readonly TimeProvider _time;
    private int _kafkaReady;
    private long _kafkaTookMs;
    private long _inFlightNow;

    public GatewayMetrics(IMeterFactory meters, TimeProvider time)
    {
        _time = time;
        _meter = meters.Create("Streams.Gateway");
        _records = _meter.CreateCounter<long>("streams.gateway.ingest.records", "{record}", "Log records that Kafka holds, by level.");
        _bytes = _meter.CreateCounter<long>("streams.gateway.ingest.bytes", "By", "Bytes of log records that Kafka holds.");
        _rejected = _meter.CreateCounter<long>("streams.gateway.ingest.rejected", "{record}", "Log records refused for good, by reason.");
        _heartbeats = _meter.CreateCounter<long>("streams.gateway.heartbeats", "{heartbeat}", "Heartbeats that Kafka holds.");
        _broken = _meter.CreateCounter<long>("streams.gateway.streams.ended", "{stream}", "Streams that the gateway ended, by status.");
        _backpressure = _meter.CreateCounter<double>("streams.gateway.backpressure", "s", "Time in which streams were not read because Kafka was behind.");
        _batchRecords = _meter.CreateHistogram<int>("streams.gateway.ingest.batch.records", "{record}", "Records in a batch.");
        _duration = _meter.CreateHistogram<double>("streams.gateway.ingest.duration", "s", "Time from a batch's receipt to its acknowledgement.");
        _streams = _meter.CreateUpDownCounter<long>("streams.gateway.streams.active", "{stream}", "Streams open, by method.");
        _inFlight = _meter.CreateUpDownCounter<long>("streams.gateway.inflight.records", "{record}", "Records received and not acknowledged.");
        _meter.CreateObservableGauge("streams.gateway.kafka.ready", () => Volatile.Read(ref _kafkaReady), description: "1 while Kafka answers.");
        _sinkRecords = _meter.CreateCounter<long>("streams.gateway.sink.records", "{record}", "Log records handed to a sink, by sink and result.");
        _sinkTime = _meter.CreateHistogram<double>("streams.gateway.sink.duration", "s", "Time from a batch's receipt to the sink's answer for all of it, by sink.");
        _meter.CreateObservableGauge("streams.gateway.sink.queue.records", () => new Measurement<long>(Volatile.Read(ref _inFlightNow), Kafka), "{record}", "Records that a sink has not answered for, by sink.");
        _meter.CreateObservableGauge("streams.gateway.sink.last.success.timestamp", () => new Measurement<double>(Volatile.Read(ref _kafkaTookMs) / 1000.0, Kafka), "s", "When a sink took records last, in seconds since 1970-01-01 UTC; 0 for never.");
        BeginAtZero();
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
        Interlocked.Add(ref _inFlightNow, records);
    }

    public void BatchLeft(int records)
    {
        _inFlight.Add(-records);
        Interlocked.Add(ref _inFlightNow, -records);
    }

    /// <summary>Records whose stream ended before Kafka had answered for them; their agent sends them again.</summary>
    public void BatchFailed(int records)
    {
        if (records > 0)
            _sinkRecords.Add(records, Kafka, Tag("result", "failed"));
        BatchLeft(records);
    }

    public void BatchAcknowledged(BatchTally tally, TimeSpan duration)
    {
        var records = 0;
        for (var level = 0; level < BatchTally.Levels.Length; level++)
        {
            records += tally.ByLevel[level];
            if (tally.ByLevel[level] > 0)
                _records.Add(tally.ByLevel[level], Tag("level", BatchTally.Levels[level]));
        }

        if (tally.Bytes > 0)
            _bytes.Add(tally.Bytes);
        _duration.Record(duration.TotalSeconds);
        _sinkRecords.Add(records, Kafka, Tag("result", "acknowledged"));
        _sinkTime.Record(duration.TotalSeconds, Kafka);
        Volatile.Write(ref _kafkaTookMs, _time.GetUtcNow().ToUnixTimeMilliseconds());
    }

    public void Rejected(string reason, int records) => _rejected.Add(records, Tag("reason", reason));

    public void HeartbeatAcknowledged() => _heartbeats.Add(1);

    public void NotRead(TimeSpan time)
    {
        if (time > TimeSpan.Zero)
            _backpressure.Add(time.TotalSeconds);
    }

    private static KeyValuePair<string, object?> Kafka { get; } = Tag("sink", "kafka");

    // There from the beginning: a rate needs a point before the first record.
    private void BeginAtZero()
    {
        foreach (var level in BatchTally.Levels)
            _records.Add(0, Tag("level", level));
        foreach (var reason in RecordRules.Causes)
            _rejected.Add(0, Tag("reason", reason));
        foreach (var method in new[] { "ShipLogs", "ReportHeartbeats", "Export" })
            _streams.Add(0, Tag("method", method));
        foreach (var result in new[] { "acknowledged", "failed" })
            _sinkRecords.Add(0, Kafka, Tag("result", result));
        _bytes.Add(0);
        _heartbeats.Add(0);
        _broken.Add(0, Tag("status", "Unavailable"));
        _backpressure.Add(0);
        _inFlight.Add(0);
    }

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);
}

/// <summary>What a batch holds, counted once.</summary>
internal sealed class BatchTally
{
    /// <summary>The levels' names, by the severity number's range.</summary>
    public static readonly string[] Levels = ["unspecified", "trace", "debug", "info", "warn", "error", "fatal"];

    /// <summary>Which of <see cref="Levels"/> a severity belongs to.</summary>
    public static int LevelOf(Severity severity) => ((int)severity + 3) / 4;

    public int[] ByLevel { get; } = new int[Levels.Length];

    public long Bytes { get; private set; }

    public void Add(Severity severity, int bytes)
    {
        ByLevel[LevelOf(severity)]++;
        Bytes += bytes;
    }
}
