using System.Text.Json;
using Streams;
using Streams.Contracts.V1;

namespace Monitor.LogStore.OnElasticsearch;

/// <summary>A log to store.</summary>
internal readonly struct LogBulkDocument(in LogDocument log, IndexNames names, long nowMs) : IBulkDocument
{
    private readonly LogDocument _log = log;
    private readonly long _timeNs = UnixNanoseconds.Of(log.Record, nowMs);

    public string Index { get; } = names.Of(
        log.Record.Severity >= Severity.Warn ? IndexNature.LogsAlert : IndexNature.LogsInfo, DayOf(log.Record, nowMs));

    public string Id => DocumentId.Of(_log.Id);

    public long Version => 0;

    public Origin Origin => new(_log.Id, _log.Record.NodeId, _log.Record, _log.Source);

    public void Write(Utf8JsonWriter json, long row) => LogJson.Write(json, _log.Id, _log.Record, _timeNs, row);

    /// <summary>When the gateway received a log, seconds since 1970-01-01 UTC.</summary>
    public static long DayOf(LogRecord log, long nowMs) => log.Observed?.Seconds ?? nowMs / 1_000;
}

/// <summary>An alert to store: its beginning is version 1, its end version 2. So an end stays, whichever is stored last.</summary>
internal readonly struct AlertBulkDocument(in AlertDocument alert, IndexNames names, long nowMs) : IBulkDocument
{
    private readonly AlertDocument _alert = alert;
    private readonly long _nowMs = nowMs;

    public string Index { get; } = names.Of(
        IndexNature.Alerts, alert.Alert.Log is { } log ? LogBulkDocument.DayOf(log, nowMs) : alert.Alert.Starts?.Seconds ?? nowMs / 1_000);

    public string Id => DocumentId.Of(_alert.Id);

    public long Version => _alert.Alert.Ends is null ? 1 : 2;

    public Origin Origin => new(_alert.Id, _alert.Alert.Fingerprint, _alert.Alert, null);

    public void Write(Utf8JsonWriter json, long row) => AlertJson.Write(json, _alert.Id, _alert.Alert, _nowMs, row);
}

/// <summary>A sign of life to store.</summary>
internal readonly struct HeartbeatBulkDocument(string id, Heartbeat beat, RecordMetadata source, long recordMs, IndexNames names) : IBulkDocument
{
    public string Index { get; } = names.Of(IndexNature.Heartbeats, NodeJson.At(beat, recordMs).Seconds);

    public string Id => DocumentId.Of(id);

    public long Version => 0;

    public Origin Origin => new(id, beat.NodeId, beat, source);

    public void Write(Utf8JsonWriter json, long row) => NodeJson.Write(json, id, beat, recordMs, row);
}

/// <summary>A change of a node's state to store.</summary>
internal readonly struct NodeEventBulkDocument(string id, NodeEvent change, RecordMetadata source, long recordMs, IndexNames names) : IBulkDocument
{
    public string Index { get; } = names.Of(IndexNature.NodeEvents, NodeJson.At(change, recordMs).Seconds);

    public string Id => DocumentId.Of(id);

    public long Version => 0;

    public Origin Origin => new(id, change.NodeId, change, source);

    public void Write(Utf8JsonWriter json, long row) => NodeJson.Write(json, id, change, recordMs, row);
}
