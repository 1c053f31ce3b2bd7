using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Kafka;
using Streams.Processing;

namespace Streams.State;

/// <summary>
/// A buffered change in its changelog, version 3 of Kafka Streams' format: where the change came from, the prior, the old and the new value, and
/// the time it is ordered by. Lengths are four bytes, big-endian; −1 stands for an absent value, −2 for an old value equal to the prior one.
/// </summary>
internal sealed class BufferedChangeFormat<TValue>(ISerde<TValue> serde)
{
    private const int Absent = -1;
    private const int SameAsPrior = -2;
    private const int LengthBytes = 4;

    /// <summary>Tells this version of the format from the three before it, which Kafka Streams up to 2.5 wrote.</summary>
    public static readonly RecordHeader[] Headers = [new("v", [3])];

    public void Write<TKey>(BufferedChange<TKey, TValue> entry, RecordBuffer to)
    {
        WriteContext(entry.Context, to);
        WriteValues(entry, to);
        WriteInt64(entry.Time, to);
    }

    /// <summary>The bytes that a change takes, as Kafka Streams counts them against a buffer's limit.</summary>
    public long Size<TKey>(BufferedChange<TKey, TValue> entry, RecordBuffer scratch)
    {
        scratch.Clear();
        WriteValues(entry, scratch);
        var context = entry.Context;
        long size = sizeof(long) + entry.KeyBytes.Length + (scratch.Length - (3 * LengthBytes));
        size += sizeof(long) + sizeof(long) + (context.Topic?.Length ?? 0) + sizeof(int);
        foreach (ref readonly var header in context.Headers.Span)
            size += header.Key.Length + (header.Value?.Length ?? 0);
        return size;
    }

    /// <exception cref="FormatException">The bytes are something else.</exception>
    public BufferedChange<TKey, TValue> Read<TKey>(TKey key, byte[] keyBytes, ReadOnlySpan<byte> bytes)
    {
        var from = new Reader(bytes);
        var context = ReadContext(ref from);
        var hasPrior = TryRead(ref from, default, false, out var prior);
        var hasOld = TryRead(ref from, prior, hasPrior, out var old);
        var hasNew = TryRead(ref from, default, false, out var next);
        return new(key, keyBytes, from.Int64())
        {
            Prior = prior,
            HasPrior = hasPrior,
            Change = new(next, hasNew, old, hasOld),
            Context = context,
        };
    }

    private static void WriteContext(RecordContext context, RecordBuffer to)
    {
        WriteInt64(context.Timestamp, to);
        WriteInt64(context.Offset, to);
        WriteText(context.Topic ?? "", to);
        WriteInt32(context.Partition, to);
        WriteInt32(context.Headers.Count, to);
        foreach (ref readonly var header in context.Headers.Span)
        {
            WriteText(header.Key, to);
            if (header.Value is { } value)
            {
                WriteInt32(value.Length, to);
                to.Write(value);
            }
            else
            {
                WriteInt32(Absent, to);
            }
        }
    }

    private static RecordContext ReadContext(ref Reader from)
    {
        var (timestamp, offset) = (from.Int64(), from.Int64());
        var topic = Encoding.UTF8.GetString(from.Bytes(from.Int32()));
        var partition = from.Int32();
        var headers = new RecordHeader[Math.Max(0, from.Int32())];
        for (var i = 0; i < headers.Length; i++)
        {
            var name = Encoding.UTF8.GetString(from.Bytes(from.Int32()));
            var length = from.Int32();
            headers[i] = new(name, length == Absent ? null : from.Bytes(length).ToArray());
        }

        return new(topic.Length == 0 ? null : topic, partition, offset, timestamp, Streams.Headers.Of(headers));
    }

    private void WriteValues<TKey>(BufferedChange<TKey, TValue> entry, RecordBuffer to)
    {
        var change = entry.Change;
        WriteValue(entry.HasPrior, entry.Prior, to, out var prior);
        WriteValue(change.HasOld, change.Old, to, out var old);
        if (change.HasOld && entry.HasPrior && to.Span(prior.Start, prior.Length).SequenceEqual(to.Span(old.Start, old.Length)))
        {
            to.Truncate(old.Start);
            to.Patch(old.Start - LengthBytes, SameAsPrior);
        }

        WriteValue(change.HasNew, change.New, to, out _);
    }

    private void WriteValue(bool has, TValue? value, RecordBuffer to, out (int Start, int Length) written)
    {
        WriteInt32(Absent, to);
        var start = to.Length;
        if (has)
        {
            serde.Serialize(value!, to);
            to.Patch(start - LengthBytes, to.Length - start);
        }

        written = (start, to.Length - start);
    }

    private bool TryRead(ref Reader from, TValue? prior, bool hasPrior, out TValue? value)
    {
        var length = from.Int32();
        if (length == SameAsPrior)
        {
            value = prior;
            return hasPrior;
        }

        value = length == Absent ? default : serde.Deserialize(from.Bytes(length));
        return length != Absent;
    }

    private static void WriteText(string text, RecordBuffer to)
    {
        WriteInt32(0, to);
        var start = to.Length;
        Encoding.UTF8.GetBytes(text, to);
        to.Patch(start - LengthBytes, to.Length - start);
    }

    private static void WriteInt32(int value, RecordBuffer to)
    {
        BinaryPrimitives.WriteInt32BigEndian(to.GetSpan(sizeof(int)), value);
        to.Advance(sizeof(int));
    }

    private static void WriteInt64(long value, RecordBuffer to)
    {
        BinaryPrimitives.WriteInt64BigEndian(to.GetSpan(sizeof(long)), value);
        to.Advance(sizeof(long));
    }

    private ref struct Reader(ReadOnlySpan<byte> bytes)
    {
        private readonly ReadOnlySpan<byte> _bytes = bytes;
        private int _position;

        public int Int32() => BinaryPrimitives.ReadInt32BigEndian(Bytes(sizeof(int)));

        public long Int64() => BinaryPrimitives.ReadInt64BigEndian(Bytes(sizeof(long)));

        public ReadOnlySpan<byte> Bytes(int count)
        {
            if (count < 0 || count > _bytes.Length - _position)
                throw new FormatException($"A buffered change is cut short: {count} bytes are wanted at {_position} of {_bytes.Length}. Only version 3 of the format is read.");

            var read = _bytes.Slice(_position, count);
            _position += count;
            return read;
        }
    }
}
