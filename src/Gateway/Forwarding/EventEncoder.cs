using System.Buffers;
using System.Globalization;
using System.Text;
using Fluentd;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;
using MessagePack;
using Streams.Contracts.V1;

namespace Gateway.Forwarding;

/// <summary>Records as Fluentd's events: an array of the time and a map of named fields. Keeps one scratch buffer; one caller at a time.</summary>
/// <remarks>
/// Every event has an <c>event_id</c>, <c>node:epoch:sequence</c>, which is the same however often the record is sent again. A record
/// without a position gets an id of this gateway's own, which is new each time its sender repeats it.
/// </remarks>
internal sealed class EventEncoder(string run, bool includeProtobuf)
{
    // node_id has at most 255 bytes, two numbers at most 20 digits each; the gateway's own part is shorter than that.
    private const int EventIdBytesMax = 320;

    private readonly ArrayBufferWriter<byte> _scratch = new(4 << 10);
    private readonly byte[] _text = new byte[EventIdBytesMax];
    private byte[] _protobuf = [];
    private KeyValuePair<string, string>[] _entries = new KeyValuePair<string, string>[16];
    private ulong _unnumbered;

    /// <summary>A log record's event. Valid until the next call.</summary>
    public ReadOnlySpan<byte> Encode(LogRecord record)
    {
        _scratch.ResetWrittenCount();
        var writer = new MessagePackWriter(_scratch);
        writer.WriteArrayHeader(2);
        WriteTime(ref writer, record.Time ?? record.Observed);
        writer.WriteMapHeader(8 + Count(record.TraceId) + Count(record.SpanId) + Count(record.Source) + (includeProtobuf ? 1 : 0));
        WriteEventId(ref writer, record.NodeId, record.Position);
        Field(ref writer, "node"u8, record.NodeId);
        Field(ref writer, "service"u8, record.Service);
        Field(ref writer, "severity"u8, BatchTally.Levels[BatchTally.LevelOf(record.Severity)]);
        Name(ref writer, "severity_number"u8);
        writer.Write((int)record.Severity);
        Field(ref writer, "message"u8, record.Message);
        Field(ref writer, "observed"u8, record.Observed);
        Field(ref writer, "attributes"u8, record.Attributes);
        OptionalField(ref writer, "trace_id"u8, record.TraceId);
        OptionalField(ref writer, "span_id"u8, record.SpanId);
        OptionalField(ref writer, "source"u8, record.Source);
        if (includeProtobuf)
            WriteProtobuf(ref writer, record);
        writer.Flush();
        return _scratch.WrittenSpan;
    }

    /// <summary>A heartbeat's event. Valid until the next call.</summary>
    public ReadOnlySpan<byte> Encode(Heartbeat heartbeat)
    {
        _scratch.ResetWrittenCount();
        var writer = new MessagePackWriter(_scratch);
        writer.WriteArrayHeader(2);
        WriteTime(ref writer, heartbeat.Sent ?? heartbeat.Observed);
        writer.WriteMapHeader(8 + (heartbeat.Vitals is null ? 0 : 1) + (includeProtobuf ? 1 : 0));
        WriteEventId(ref writer, heartbeat.NodeId, heartbeat.Position);
        Field(ref writer, "node"u8, heartbeat.NodeId);
        Field(ref writer, "observed"u8, heartbeat.Observed);
        Name(ref writer, "interval_seconds"u8);
        writer.Write(heartbeat.Interval is { } interval ? interval.Seconds + interval.Nanos / 1e9 : 0);
        Field(ref writer, "reported"u8, Reported(heartbeat.Reported));
        Field(ref writer, "version"u8, heartbeat.Version);
        Field(ref writer, "labels"u8, heartbeat.Labels);
        Name(ref writer, "services"u8);
        writer.WriteArrayHeader(heartbeat.Services.Count);
        for (var i = 0; i < heartbeat.Services.Count; i++)
            writer.Write(heartbeat.Services[i]);
        if (heartbeat.Vitals is { } vitals)
            WriteVitals(ref writer, vitals);
        if (includeProtobuf)
            WriteProtobuf(ref writer, heartbeat);
        writer.Flush();
        return _scratch.WrittenSpan;
    }

    private static void WriteTime(ref MessagePackWriter writer, Timestamp time)
    {
        if (EventTime.Fits(time.Seconds) && time.Nanos is >= 0 and < 1_000_000_000)
        {
            EventTime.Write(writer.GetSpan(EventTime.Bytes), time.Seconds, time.Nanos);
            writer.Advance(EventTime.Bytes);
        }
        else
        {
            // Fluentd puts its own clock in place of a zero.
            writer.Write(0);
        }
    }

    private void WriteEventId(ref MessagePackWriter writer, string node, Position? position)
    {
        // By hand: formatting through an interpolation boxes the numbers until the runtime has seen enough of it.
        var length = Encoding.UTF8.GetBytes(node, _text);
        if (position is not null)
        {
            length = AddNumber(length, ':', position.Epoch);
            length = AddNumber(length, ':', position.Sequence);
        }
        else
        {
            _text[length++] = (byte)':';
            length += Encoding.UTF8.GetBytes(run, _text.AsSpan(length));
            length = AddNumber(length, '-', ++_unnumbered);
        }

        Name(ref writer, "event_id"u8);
        writer.WriteString(_text.AsSpan(0, length));
    }

    private int AddNumber(int at, char before, ulong number)
    {
        _text[at] = (byte)before;
        number.TryFormat(_text.AsSpan(at + 1), out var length, default, CultureInfo.InvariantCulture);
        return at + 1 + length;
    }

    private static void WriteVitals(ref MessagePackWriter writer, Vitals vitals)
    {
        Name(ref writer, "vitals"u8);
        writer.WriteMapHeader(7);
        Field(ref writer, "cpu_ratio"u8, vitals.CpuRatio);
        Field(ref writer, "memory_ratio"u8, vitals.MemoryRatio);
        Field(ref writer, "load_1m"u8, vitals.Load1M);
        Field(ref writer, "disk_ratio"u8, vitals.DiskRatio);
        Field(ref writer, "queue_bytes"u8, vitals.QueueBytes);
        Field(ref writer, "records_sent"u8, vitals.RecordsSent);
        Field(ref writer, "records_dropped"u8, vitals.RecordsDropped);
    }

    private void WriteProtobuf(ref MessagePackWriter writer, IMessage message)
    {
        var bytes = message.CalculateSize();
        if (_protobuf.Length < bytes)
            _protobuf = new byte[bytes];
        message.WriteTo(_protobuf.AsSpan(0, bytes));
        Name(ref writer, "protobuf"u8);
        writer.Write(_protobuf.AsSpan(0, bytes));
    }

    private static int Count(string text) => text.Length > 0 ? 1 : 0;

    private static void Name(ref MessagePackWriter writer, ReadOnlySpan<byte> name) => writer.WriteString(name);

    private static void Field(ref MessagePackWriter writer, ReadOnlySpan<byte> name, string text)
    {
        writer.WriteString(name);
        writer.Write(text);
    }

    private static void OptionalField(ref MessagePackWriter writer, ReadOnlySpan<byte> name, string text)
    {
        if (text.Length > 0)
            Field(ref writer, name, text);
    }

    private static void Field(ref MessagePackWriter writer, ReadOnlySpan<byte> name, double value)
    {
        writer.WriteString(name);
        writer.Write(value);
    }

    private static void Field(ref MessagePackWriter writer, ReadOnlySpan<byte> name, ulong value)
    {
        writer.WriteString(name);
        writer.Write(value);
    }

    // Text in RFC 3339, since a map's values have no time of their own that Fluentd's outputs would write.
    private void Field(ref MessagePackWriter writer, ReadOnlySpan<byte> name, Timestamp time)
    {
        writer.WriteString(name);
        time.ToDateTime().TryFormat(_text, out var length, "O", CultureInfo.InvariantCulture);
        writer.WriteString(_text.AsSpan(0, length));
    }

    private void Field(ref MessagePackWriter writer, ReadOnlySpan<byte> name, MapField<string, string> map)
    {
        var count = map.Count;
        writer.WriteString(name);
        writer.WriteMapHeader(count);
        if (count == 0)
            return;

        // Enumerating a map makes an object each time; copying it does not.
        if (_entries.Length < count)
            _entries = new KeyValuePair<string, string>[Math.Max(count, 2 * _entries.Length)];
        ((ICollection<KeyValuePair<string, string>>)map).CopyTo(_entries, 0);
        for (var i = 0; i < count; i++)
        {
            writer.Write(_entries[i].Key);
            writer.Write(_entries[i].Value);
        }

        Array.Clear(_entries, 0, count);
    }

    private static string Reported(NodeState state) => state switch
    {
        NodeState.Up => "up",
        NodeState.Suspect => "suspect",
        NodeState.Down => "down",
        NodeState.Flapping => "flapping",
        NodeState.Maintenance => "maintenance",
        NodeState.Left => "left",
        _ => "unspecified",
    };
}
