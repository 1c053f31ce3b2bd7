using System.Net;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Logs.V1;
using OpenTelemetry.Proto.Resource.V1;
using Streams.Contracts.V1;
using Record = Streams.Contracts.V1.LogRecord;

namespace Gateway.Otlp;

/// <summary>OTLP's records as ours. Decides; writes and counts nothing.</summary>
/// <remarks>
/// <code>
/// node        the resource's host.name, k8s.node.name, k8s.pod.name, service.instance.id or service.name: the first that is set; else the
///             address that the request came from, since the Collector names nothing unless it is told to
/// service     service.name
/// severity    severity_number; where that is 0, what severity_text is a usual word for
/// time        time_unix_nano, else observed_time_unix_nano, else the gateway's
/// message     body, as text
/// source      log.file.path or log.file.name, where there is one; else otlp
/// attributes  the resource's, the scope's (otel.scope.name, otel.scope.version) and the record's own, which win
/// </code>
/// There is no position: an OTLP sender does not number its records, so what it repeats comes twice. Source: OpenTelemetry's log data
/// model and resource semantic conventions.
/// </remarks>
internal static class OtlpMapping
{
    private const string Service = "service.name";
    private const long NanosecondsPerSecond = 1_000_000_000;

    private static readonly string[] _nodeNames = ["host.name", "k8s.node.name", "k8s.pod.name", "service.instance.id", Service];

    /// <summary>Who speaks; empty where the resource names nobody.</summary>
    public static string Node(Resource? resource)
    {
        foreach (var name in _nodeNames)
        {
            if (Value(resource, name) is { Length: > 0 } node)
                return node;
        }

        return "";
    }

    /// <summary>A record as we hold it.</summary>
    public static Record Map(OpenTelemetry.Proto.Logs.V1.LogRecord from, string node, Resource? resource, InstrumentationScope? scope, Timestamp now)
    {
        var severity = (int)from.SeverityNumber;
        var record = new Record
        {
            NodeId = node,
            Service = Value(resource, Service),
            Severity = severity == 0 ? Severity(from.SeverityText) : (Severity)severity,
            Time = Time(from.TimeUnixNano) ?? Time(from.ObservedTimeUnixNano) ?? now,
            Observed = now,
            Message = AnyValueText.Of(from.Body),
            TraceId = Id(from.TraceId, 16),
            SpanId = Id(from.SpanId, 8),
        };
        Add(record.Attributes, resource?.Attributes);
        record.Attributes.Remove(Service);
        if (scope is not null)
        {
            Add(record.Attributes, scope.Attributes);
            AddText(record.Attributes, "otel.scope.name", scope.Name);
            AddText(record.Attributes, "otel.scope.version", scope.Version);
        }

        AddText(record.Attributes, "event.name", from.EventName);
        Add(record.Attributes, from.Attributes);
        record.Source = record.Attributes.TryGetValue("log.file.path", out var file) || record.Attributes.TryGetValue("log.file.name", out file) ? file : "otlp";
        return record;
    }

    /// <summary>A caller's address without its port, which differs from one connection to the next.</summary>
    /// <param name="peer">As gRPC names it: <c>ipv4:10.0.0.1:5</c>, <c>ipv6:[::1]:5</c>.</param>
    public static string Address(string peer) =>
        peer.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon && IPEndPoint.TryParse(peer.AsSpan(colon + 1), out var from)
            ? (from.Address.IsIPv4MappedToIPv6 ? from.Address.MapToIPv4() : from.Address).ToString()
            : peer;

    /// <summary>The severity that a level's usual names stand for; unspecified for others.</summary>
    internal static Severity Severity(string text) => text.Trim().ToUpperInvariant() switch
    {
        "TRACE" or "VERBOSE" or "FINEST" or "FINER" => Streams.Contracts.V1.Severity.Trace,
        "DEBUG" or "FINE" or "DBUG" => Streams.Contracts.V1.Severity.Debug,
        "INFO" or "INFORMATION" or "INFORMATIONAL" or "NOTICE" => Streams.Contracts.V1.Severity.Info,
        "WARN" or "WARNING" => Streams.Contracts.V1.Severity.Warn,
        "ERROR" or "ERR" or "SEVERE" => Streams.Contracts.V1.Severity.Error,
        "FATAL" or "CRITICAL" or "CRIT" or "ALERT" or "EMERG" or "EMERGENCY" or "PANIC" => Streams.Contracts.V1.Severity.Fatal,
        _ => Streams.Contracts.V1.Severity.Unspecified,
    };

    private static string Value(Resource? resource, string name)
    {
        if (resource is null)
            return "";
        foreach (var attribute in resource.Attributes)
        {
            if (attribute.Key == name)
                return AnyValueText.Of(attribute.Value);
        }

        return "";
    }

    private static void Add(MapField<string, string> attributes, RepeatedField<KeyValue>? from)
    {
        if (from is null)
            return;
        foreach (var attribute in from)
            attributes[attribute.Key] = AnyValueText.Of(attribute.Value);
    }

    private static void AddText(MapField<string, string> attributes, string name, string text)
    {
        if (text.Length > 0)
            attributes[name] = text;
    }

    private static Timestamp? Time(ulong nanoseconds) => nanoseconds == 0
        ? null
        : new Timestamp { Seconds = (long)(nanoseconds / NanosecondsPerSecond), Nanos = (int)(nanoseconds % NanosecondsPerSecond) };

    // All zeroes is OTLP's "none"; so is what has another length, since nobody could look for it.
    private static string Id(ByteString id, int bytes) =>
        id.Length == bytes && id.Span.ContainsAnyExcept((byte)0) ? Convert.ToHexStringLower(id.Span) : "";
}
