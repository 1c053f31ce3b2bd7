using System.Diagnostics;
using System.Globalization;
using System.Text;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging;
using Streams.Contracts.V1;

namespace NodeAgent.Logging;

/// <summary>Makes a log record of each log call: message, values, exception, trace.</summary>
/// <remarks>Attribute names follow OpenTelemetry's semantic conventions where there is one.</remarks>
internal sealed class AgentLogger(string category, string service, LogIntake intake, AgentOptions options, TimeProvider time) : ILogger
{
    /// <summary>Values of one call that become attributes at most.</summary>
    private const int AttributesMax = 32;

    /// <summary>Characters of one attribute at most, an exception's stack trace excepted.</summary>
    private const int AttributeCharsMax = 1024;

    private const string Template = "{OriginalFormat}";

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel is not LogLevel.None;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
            return;

        var record = new LogRecord
        {
            NodeId = options.NodeId,
            Service = service,
            Severity = SeverityOf(logLevel),
            Time = Timestamp.FromDateTimeOffset(time.GetUtcNow()),
            Source = "ilogger",
        };
        record.Message = Clean(formatter(state, exception), options.Read.RecordBytesMax, out var cut);
        if (cut)
            record.Attributes["log.truncated"] = "true";
        record.Attributes["log.logger"] = category;
        if (eventId.Id != 0)
            record.Attributes["event.id"] = eventId.Id.ToString(CultureInfo.InvariantCulture);
        if (!string.IsNullOrEmpty(eventId.Name))
            record.Attributes["event.name"] = eventId.Name;
        if (state is IReadOnlyList<KeyValuePair<string, object?>> values)
            AddValues(record, values);
        if (exception is not null)
            AddException(record, exception);
        if (Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity)
            (record.TraceId, record.SpanId) = (activity.TraceId.ToHexString(), activity.SpanId.ToHexString());
        intake.Add(record);
    }

    private static Severity SeverityOf(LogLevel level) => level switch
    {
        LogLevel.Trace => Severity.Trace,
        LogLevel.Debug => Severity.Debug,
        LogLevel.Information => Severity.Info,
        LogLevel.Warning => Severity.Warn,
        LogLevel.Error => Severity.Error,
        LogLevel.Critical => Severity.Fatal,
        _ => Severity.Unspecified,
    };

    private static void AddValues(LogRecord record, IReadOnlyList<KeyValuePair<string, object?>> values)
    {
        for (var i = 0; i < values.Count && i < AttributesMax; i++)
        {
            var (key, value) = values[i];
            if (value is not null && key != Template)
                record.Attributes[Clean(key, AttributeCharsMax, out _)] = Clean(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "", AttributeCharsMax, out _);
        }
    }

    private void AddException(LogRecord record, Exception exception)
    {
        record.Attributes["exception.type"] = exception.GetType().FullName ?? exception.GetType().Name;
        record.Attributes["exception.message"] = Clean(exception.Message, AttributeCharsMax, out _);
        record.Attributes["exception.stacktrace"] = Clean(exception.ToString(), options.Read.RecordBytesMax / 2, out _);
    }

    // Text with halves of surrogate pairs has no UTF-8; it is mended as in files.
    private static string Clean(string text, int bytesMax, out bool cut)
    {
        cut = text.Length > bytesMax || (text.Length > bytesMax / 3 && Encoding.UTF8.GetByteCount(text) > bytesMax);
        if (!cut && !text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
            return text;

        var bytes = Encoding.UTF8.GetBytes(text);
        var end = Math.Min(bytes.Length, bytesMax);
        while (end > 0 && end < bytes.Length && (bytes[end] & 0xC0) == 0x80)
            end--;
        return Encoding.UTF8.GetString(bytes, 0, end);
    }
}
