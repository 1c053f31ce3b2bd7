using System.Text.Json;
using Elasticsearch;
using Google.Protobuf;
using Streams.Contracts.V1;

namespace Monitor.LogStore.OnElasticsearch;

/// <summary>Alerts as documents, and documents as alerts: fields to search and show, and the alert itself beside them.</summary>
internal static class AlertJson
{
    /// <summary>Writes an alert.</summary>
    public static void Write(Utf8JsonWriter json, string id, Alert alert, long nowMs, long row)
    {
        var starts = alert.Starts ?? UnixNanoseconds.ToTimestamp(nowMs * 1_000_000);
        json.WriteStartObject();
        IsoTime.Write(json, "@timestamp"u8, starts);
        json.WriteString("message"u8, alert.Summary);
        WriteName(json, "host"u8, alert.NodeId);
        WriteName(json, "service"u8, alert.Service);
        json.WriteStartObject("log"u8);
        json.WriteString("level"u8, LogJson.Level(alert.Severity));
        json.WriteEndObject();

        json.WriteStartObject("event"u8);
        json.WriteString("id"u8, id);
        json.WriteString("kind"u8, "alert"u8);
        json.WriteString("action"u8, alert.Kind.ToString().ToLowerInvariant());
        json.WriteNumber("severity"u8, (int)alert.Severity);
        IsoTime.Write(json, "start"u8, starts);
        if (alert.Ends is { } ends)
            IsoTime.Write(json, "end"u8, ends);
        json.WriteEndObject();

        json.WriteStartObject("streams"u8);
        json.WriteNumber("time"u8, UnixNanoseconds.From(starts));
        json.WriteNumber("row"u8, row);
        json.WriteStartObject("alert"u8);
        json.WriteNumber("kind"u8, (int)alert.Kind);
        json.WriteBoolean("open"u8, alert.Ends is null);
        json.WriteNumber("count"u8, (long)Math.Min(alert.Count, long.MaxValue));
        json.WriteString("fingerprint"u8, alert.Fingerprint);
        json.WriteEndObject();
        json.WriteBase64String("record"u8, alert.ToByteArray());
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>Reads an alert and its place in the order.</summary>
    /// <exception cref="ElasticsearchException">The document is none of ours.</exception>
    public static (Alert Alert, LogKey Key) Read(SearchHit hit)
    {
        try
        {
            using var document = JsonDocument.Parse(hit.Source);
            var own = document.RootElement.GetProperty("streams"u8);
            return (Alert.Parser.ParseFrom(own.GetProperty("record"u8).GetBytesFromBase64()), new(own.GetProperty("time"u8).GetInt64(), own.GetProperty("row"u8).GetInt64()));
        }
        catch (Exception foreign) when (foreign is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or InvalidProtocolBufferException)
        {
            throw new ElasticsearchException(
                ElasticsearchErrorKind.Refused, $"The document {hit.Id} was not written by this log store: {foreign.Message}", inner: foreign);
        }
    }

    private static void WriteName(Utf8JsonWriter json, ReadOnlySpan<byte> of, string name)
    {
        if (name.Length == 0)
            return;

        json.WriteStartObject(of);
        json.WriteString("name"u8, name);
        json.WriteEndObject();
    }
}
