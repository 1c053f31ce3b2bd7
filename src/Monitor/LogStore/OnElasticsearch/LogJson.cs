using System.Globalization;
using System.Text.Json;
using Elasticsearch;
using Google.Protobuf;
using Streams.Contracts.V1;

namespace Monitor.LogStore.OnElasticsearch;

/// <summary>Logs as documents by the Elastic Common Schema, and documents as logs.</summary>
/// <remarks>
/// A log comes back exactly as it was. What most logs hold, the fields say by themselves; a log that they cannot say (no time, a time in the year
/// 20,000, attributes without a name) has itself beside them, as <c>streams.record</c>.
/// </remarks>
internal static class LogJson
{
    /// <summary>Longest name and value of an attribute that can be searched for. A longer one is kept and compared.</summary>
    public const int SearchableCharsMax = 1_024;

    /// <summary>Characters (code points) from which on a message has trigrams.</summary>
    public const int TrigramRunes = 3;

    private static readonly string[] Levels = ["", "trace", "debug", "info", "warn", "error", "fatal"];

    /// <summary>The name of a severity's range.</summary>
    public static string Level(Severity severity) => Levels[Math.Clamp(((int)severity + 3) / 4, 0, Levels.Length - 1)];

    /// <summary>Writes a log.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="id">Its document id.</param>
    /// <param name="log">The log.</param>
    /// <param name="timeNs">Its place in the order: nanoseconds since 1970-01-01 UTC.</param>
    /// <param name="row">Order of arrival among equals.</param>
    public static void Write(Utf8JsonWriter json, string id, LogRecord log, long timeNs, long row)
    {
        json.WriteStartObject();
        IsoTime.Write(json, "@timestamp"u8, log.Time ?? log.Observed ?? UnixNanoseconds.ToTimestamp(timeNs));
        json.WriteString("message"u8, log.Message);
        WriteObject(json, "host"u8, "name"u8, log.NodeId);
        WriteObject(json, "service"u8, "name"u8, log.Service);
        WriteObject(json, "trace"u8, "id"u8, log.TraceId);
        WriteObject(json, "span"u8, "id"u8, log.SpanId);
        WriteLog(json, log);
        WriteEvent(json, id, log);
        WriteLabels(json, log);
        WriteOwn(json, log, timeNs, row);
        json.WriteEndObject();
    }

    /// <summary>Reads a log.</summary>
    /// <exception cref="ElasticsearchException">The document is none of ours.</exception>
    public static FoundLog Read(SearchHit hit)
    {
        try
        {
            using var document = JsonDocument.Parse(hit.Source);
            var root = document.RootElement;
            var own = root.GetProperty("streams"u8);
            var log = own.TryGetProperty("record"u8, out var whole) ? LogRecord.Parser.ParseFrom(whole.GetBytesFromBase64()) : Log(root, own);
            return new(Text(root, "event", "id"), log, new(own.GetProperty("time"u8).GetInt64(), own.GetProperty("row"u8).GetInt64()));
        }
        catch (Exception foreign) when (foreign is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or InvalidProtocolBufferException)
        {
            throw new ElasticsearchException(
                ElasticsearchErrorKind.Refused, $"The document {hit.Id} was not written by this log store: {foreign.Message}", inner: foreign);
        }
    }

    private static void WriteLog(Utf8JsonWriter json, LogRecord log)
    {
        var isFile = log.Source.StartsWith('/');
        if (log.Severity == Severity.Unspecified && !isFile)
            return;

        json.WriteStartObject("log"u8);
        if (log.Severity != Severity.Unspecified)
            json.WriteString("level"u8, Level(log.Severity));
        if (isFile)
            WriteObject(json, "file"u8, "path"u8, log.Source);
        json.WriteEndObject();
    }

    private static void WriteEvent(Utf8JsonWriter json, string id, LogRecord log)
    {
        json.WriteStartObject("event"u8);
        json.WriteString("id"u8, id);
        json.WriteString("kind"u8, "event"u8);
        json.WriteNumber("severity"u8, (int)log.Severity);
        if (log.Source.Length > 0)
            json.WriteString("provider"u8, log.Source);
        if (log.Observed is { } observed)
            IsoTime.Write(json, "created"u8, observed);
        json.WriteEndObject();
    }

    private static void WriteLabels(Utf8JsonWriter json, LogRecord log)
    {
        if (log.Attributes.Count == 0)
            return;

        json.WriteStartObject("labels"u8);
        foreach (var (name, value) in log.Attributes)
        {
            if (IsSearchable(name))
                json.WriteString(name, value);
        }

        json.WriteEndObject();
    }

    private static void WriteOwn(Utf8JsonWriter json, LogRecord log, long timeNs, long row)
    {
        json.WriteStartObject("streams"u8);
        json.WriteNumber("time"u8, timeNs);
        json.WriteNumber("row"u8, row);
        if (log.Position is { } position)
        {
            json.WriteString("epoch"u8, position.Epoch.ToString(CultureInfo.InvariantCulture));
            json.WriteString("sequence"u8, position.Sequence.ToString(CultureInfo.InvariantCulture));
        }

        if (IsShort(log.Message))
            json.WriteBoolean("short"u8, true);
        if (!CanSay(log))
            json.WriteBase64String("record"u8, log.ToByteArray());
        json.WriteEndObject();
    }

    // Whether the fields alone say everything.
    private static bool CanSay(LogRecord log)
    {
        if (log.Time is not { } time || !IsoTime.CanSay(time) || (log.Observed is { } observed && !IsoTime.CanSay(observed)))
            return false;

        foreach (var (name, _) in log.Attributes)
        {
            if (!IsSearchable(name))
                return false;
        }

        return true;
    }

    /// <summary>Whether an attribute of this name is a field that can be searched for.</summary>
    public static bool IsSearchable(string name) =>
        name.Length is > 0 and <= SearchableCharsMax && !name.Contains('\0', StringComparison.Ordinal) && !HasHalves(name);

    // Two names that differ in halves of surrogate pairs are one name in UTF-8.
    private static bool HasHalves(string name)
    {
        foreach (var rune in name.EnumerateRunes())
        {
            if (rune == System.Text.Rune.ReplacementChar)
                return true;
        }

        return false;
    }

    private static bool IsShort(string message)
    {
        if (message.Length >= 2 * TrigramRunes)
            return false;

        var runes = 0;
        foreach (var _ in message.EnumerateRunes())
            runes++;
        return runes < TrigramRunes;
    }

    private static void WriteObject(Utf8JsonWriter json, ReadOnlySpan<byte> name, ReadOnlySpan<byte> field, string value)
    {
        if (value.Length == 0)
            return;

        json.WriteStartObject(name);
        json.WriteString(field, value);
        json.WriteEndObject();
    }

    private static LogRecord Log(JsonElement root, JsonElement own)
    {
        var log = new LogRecord
        {
            NodeId = Text(root, "host", "name"),
            Service = Text(root, "service", "name"),
            Severity = (Severity)root.GetProperty("event"u8).GetProperty("severity"u8).GetInt32(),
            Time = IsoTime.Read(root.GetProperty("@timestamp"u8).GetString()!),
            Message = root.GetProperty("message"u8).GetString()!,
            TraceId = Text(root, "trace", "id"),
            SpanId = Text(root, "span", "id"),
            Source = Text(root, "event", "provider"),
        };
        if (Text(root, "event", "created") is { Length: > 0 } observed)
            log.Observed = IsoTime.Read(observed);
        if (own.TryGetProperty("epoch"u8, out var epoch))
            log.Position = new() { Epoch = Number(epoch), Sequence = Number(own.GetProperty("sequence"u8)) };
        if (root.TryGetProperty("labels"u8, out var labels))
        {
            foreach (var label in labels.EnumerateObject())
                log.Attributes.Add(label.Name, label.Value.GetString());
        }

        return log;
    }

    private static ulong Number(JsonElement text) => ulong.Parse(text.GetString()!, CultureInfo.InvariantCulture);

    private static string Text(JsonElement root, string name, string field) =>
        root.TryGetProperty(name, out var parent) && parent.TryGetProperty(field, out var text) ? text.GetString()! : "";
}
