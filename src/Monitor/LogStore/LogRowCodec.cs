using Google.Protobuf;
using Streams.Contracts.V1;

namespace Monitor.LogStore;

/// <summary>What of a log is kept beside the columns that are searched.</summary>
internal static class LogRowCodec
{
    /// <summary>The log without its node, service and message, which have columns of their own.</summary>
    /// <remarks>Shares the parts it keeps with <paramref name="record"/>, which others may be reading: nothing here is written to.</remarks>
    public static byte[] Rest(LogRecord record)
    {
        var rest = new LogRecord
        {
            Severity = record.Severity,
            Time = record.Time,
            Observed = record.Observed,
            TraceId = record.TraceId,
            SpanId = record.SpanId,
            Source = record.Source,
            Position = record.Position,
        };
        rest.Attributes.Add(record.Attributes);
        // A message with NULs is searched by another text than its own (TextFilter), so its own is kept here.
        if (record.Message.Contains('\0', StringComparison.Ordinal))
            rest.Message = record.Message;
        return rest.ToByteArray();
    }

    /// <summary>Puts a log together again.</summary>
    public static LogRecord Whole(byte[] rest, string node, string service, string message)
    {
        var record = LogRecord.Parser.ParseFrom(rest);
        record.NodeId = node;
        record.Service = service;
        if (record.Message.Length == 0)
            record.Message = message;
        return record;
    }
}
