using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Streams.Contracts.V1;

namespace Monitor.LogStore.OnElasticsearch;

/// <summary>Signs of life and changes of nodes' states as documents, for dashboards. Queries are answered from the topology's own stores.</summary>
internal static class NodeJson
{
    /// <summary>When a heartbeat was received.</summary>
    public static Timestamp At(Heartbeat beat, long recordMs) => beat.Observed ?? Nodes.Milliseconds.ToTimestamp(recordMs);

    /// <summary>When a node changed.</summary>
    public static Timestamp At(NodeEvent change, long recordMs) => change.At ?? Nodes.Milliseconds.ToTimestamp(recordMs);

    /// <summary>Writes a heartbeat.</summary>
    public static void Write(Utf8JsonWriter json, string id, Heartbeat beat, long recordMs, long row)
    {
        Begin(json, id, "metric"u8, beat.NodeId, At(beat, recordMs), row);
        json.WriteString("state"u8, Name(beat.Reported));
        if (beat.Interval is { } interval)
            json.WriteNumber("interval_seconds"u8, Seconds(interval));
        if (beat.Vitals is { } vitals)
        {
            WriteFinite(json, "cpu_ratio"u8, vitals.CpuRatio);
            WriteFinite(json, "memory_ratio"u8, vitals.MemoryRatio);
            WriteFinite(json, "disk_ratio"u8, vitals.DiskRatio);
            WriteFinite(json, "load_1m"u8, vitals.Load1M);
            json.WriteNumber("queue_bytes"u8, vitals.QueueBytes);
            json.WriteNumber("records_sent"u8, vitals.RecordsSent);
            json.WriteNumber("records_dropped"u8, vitals.RecordsDropped);
        }

        json.WriteEndObject();
        json.WriteEndObject();
        if (beat.Version.Length > 0)
        {
            json.WriteStartObject("service"u8);
            json.WriteString("version"u8, beat.Version);
            json.WriteEndObject();
        }

        if (beat.Labels.Count > 0)
        {
            json.WriteStartObject("labels"u8);
            foreach (var (name, value) in beat.Labels)
            {
                if (LogJson.IsSearchable(name))
                    json.WriteString(name, value);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    /// <summary>Writes a change.</summary>
    public static void Write(Utf8JsonWriter json, string id, NodeEvent change, long recordMs, long row)
    {
        Begin(json, id, "state"u8, change.NodeId, At(change, recordMs), row, change);
        json.WriteString("state"u8, Name(change.To));
        json.WriteString("from"u8, Name(change.From));
        if (change.Silence is { } silence)
            json.WriteNumber("silence_seconds"u8, Seconds(silence));
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteString("message"u8, $"{change.NodeId}: {Name(change.From)} to {Name(change.To)}: {change.Reason}");
        json.WriteEndObject();
    }

    // Up to and into streams.node.
    private static void Begin(Utf8JsonWriter json, string id, ReadOnlySpan<byte> kind, string node, Timestamp at, long row, NodeEvent? change = null)
    {
        json.WriteStartObject();
        IsoTime.Write(json, "@timestamp"u8, at);
        json.WriteStartObject("host"u8);
        json.WriteString("name"u8, node);
        json.WriteEndObject();
        json.WriteStartObject("event"u8);
        json.WriteString("id"u8, id);
        json.WriteString("kind"u8, kind);
        if (change is not null)
        {
            json.WriteString("action"u8, Name(change.To));
            json.WriteString("reason"u8, change.Reason);
        }

        json.WriteEndObject();
        json.WriteStartObject("streams"u8);
        json.WriteNumber("time"u8, UnixNanoseconds.From(at));
        json.WriteNumber("row"u8, row);
        json.WriteStartObject("node"u8);
    }

    // JSON has no infinity.
    private static void WriteFinite(Utf8JsonWriter json, ReadOnlySpan<byte> name, double value)
    {
        if (double.IsFinite(value))
            json.WriteNumber(name, value);
    }

    private static double Seconds(Duration duration) => duration.Seconds + (duration.Nanos / 1e9);

    private static string Name(NodeState state) => state.ToString().ToLowerInvariant();
}
