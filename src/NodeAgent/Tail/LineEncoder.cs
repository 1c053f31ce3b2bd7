using System.Buffers.Text;
using System.Text;
using System.Text.Unicode;
using Google.Protobuf;
using NodeAgent.Parse;
using NodeAgent.Queue;
using Streams.Contracts.V1;

namespace NodeAgent.Tail;

/// <summary>Turns a line into the bytes of a <see cref="LogRecord"/> without its position, with nothing allocated for a usual line.</summary>
/// <remarks>
/// Source: Protocol Buffers encoding guide; field numbers from <c>streams/v1/records.proto</c>. A test reads it back with the generated code.
/// A file's lines must come in their order: which of a container's streams is in the midst of a message is known from the line before. After
/// a restart it is not, and the rest of a message that the runtime has cut is not marked as one.
/// </remarks>
internal sealed class LineEncoder
{
    private static readonly byte[] Continued = Attribute("log.continued"u8, "true"u8);
    private static readonly byte[] FromOutput = Attribute("log.iostream"u8, "stdout"u8);
    private static readonly byte[] FromErrors = Attribute("log.iostream"u8, "stderr"u8);
    private static readonly byte[] InvalidUtf8 = Attribute("log.invalid_utf8"u8, "true"u8);
    private static readonly byte[] Truncated = Attribute("log.truncated"u8, "true"u8);

    private readonly byte[] _origin;
    private readonly ByteBuffer _record;
    private readonly int _bytesMax;
    private readonly LineFormat _format;
    private bool _isMidOutput;
    private bool _isMidErrors;

    public LineEncoder(
        string nodeId, string service, string source, int bytesMax, ByteBuffer record, LineFormat format, ContainerName? container)
    {
        _bytesMax = bytesMax;
        _record = record;
        _format = format;
        var origin = new LogRecord { NodeId = nodeId, Service = service, Source = source };
        if (container is not null)
        {
            origin.Attributes["k8s.namespace.name"] = container.Namespace;
            origin.Attributes["k8s.pod.name"] = container.Pod;
            origin.Attributes["k8s.container.name"] = container.Container;
        }

        _origin = origin.ToByteArray();
    }

    /// <summary>Encodes <paramref name="line"/>, cut to the longest message at a character's boundary.</summary>
    /// <param name="line">The line, or its beginning where that is longer than a message may be.</param>
    /// <param name="originalBytes">The whole line's length.</param>
    /// <param name="isContinued">The line goes on where the record before ends.</param>
    /// <param name="read">When it was read.</param>
    /// <param name="local">The zone of times that name none.</param>
    /// <param name="faults">What was wrong with the line.</param>
    public ReadOnlySpan<byte> Encode(
        ReadOnlySpan<byte> line, long originalBytes, bool isContinued, DateTimeOffset read, TimeZoneInfo local, out FileFaults faults)
    {
        var time = !isContinued && LeadingTime.TryRead(line, local, out var stamped) ? stamped : read;
        ReadOnlySpan<byte> stream = default;
        if (_format is LineFormat.Cri && !isContinued && CriLine.TryRead(line, out var cri))
        {
            ref var isMid = ref cri.IsError ? ref _isMidErrors : ref _isMidOutput;
            (isContinued, isMid) = (isMid, cri.IsPartial);
            stream = cri.IsError ? FromErrors : FromOutput;
            originalBytes -= line.Length - cri.Message.Length;
            line = cri.Message;
        }

        var message = Cut(line);
        faults = originalBytes > _bytesMax ? FileFaults.LongLine : FileFaults.None;
        if (!Utf8.IsValid(message))
        {
            // U+FFFD takes three bytes where there may have been one.
            ReadOnlySpan<byte> repaired = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(message));
            faults |= FileFaults.Encoding | (repaired.Length > _bytesMax ? FileFaults.LongLine : FileFaults.None);
            message = Cut(repaired);
        }

        var severity = isContinued ? Severity.Unspecified : LevelDetector.Detect(line);

        _record.Clear();
        _record.Bytes(_origin);
        if (severity is not Severity.Unspecified)
        {
            _record.Byte(0x18);
            _record.Byte((byte)severity);
        }

        Time(time);
        if (!message.IsEmpty)
        {
            _record.Byte(0x32);
            _record.Varint((ulong)message.Length);
            _record.Bytes(message);
        }

        _record.Bytes(stream);
        Attributes(faults, originalBytes, isContinued);
        return _record.Span;
    }

    private ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> line)
    {
        if (line.Length <= _bytesMax)
            return line;

        // A character's later bytes are 10xxxxxx; step back to its first, at most three.
        var end = _bytesMax;
        for (var back = 0; back < 3 && end > 0 && (line[end] & 0xC0) == 0x80; back++)
            end--;
        return line[..end];
    }

    private void Time(DateTimeOffset time)
    {
        var ticks = time.UtcTicks - DateTime.UnixEpoch.Ticks;
        var seconds = (ulong)Math.DivRem(ticks, TimeSpan.TicksPerSecond, out var fraction);
        var nanos = (ulong)fraction * 100;

        _record.Byte(0x22);
        _record.Byte((byte)(1 + ByteBuffer.VarintSize(seconds) + (nanos == 0 ? 0 : 1 + ByteBuffer.VarintSize(nanos))));
        _record.Byte(0x08);
        _record.Varint(seconds);
        if (nanos > 0)
        {
            _record.Byte(0x10);
            _record.Varint(nanos);
        }
    }

    private void Attributes(FileFaults faults, long originalBytes, bool isContinued)
    {
        if (isContinued)
            _record.Bytes(Continued);
        if (faults.HasFlag(FileFaults.Encoding))
            _record.Bytes(InvalidUtf8);
        if (!faults.HasFlag(FileFaults.LongLine))
            return;

        _record.Bytes(Truncated);
        Span<byte> number = stackalloc byte[20];
        Utf8Formatter.TryFormat(originalBytes, number, out var digits);
        _record.Bytes(Attribute("log.original_bytes"u8, number[..digits]));
    }

    // LogRecord.attributes is a map: a message of key and value for each.
    private static byte[] Attribute(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) =>
        [0x3A, (byte)(key.Length + value.Length + 4), 0x0A, (byte)key.Length, .. key, 0x12, (byte)value.Length, .. value];
}
