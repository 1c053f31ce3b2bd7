using System.Buffers.Binary;
using Streams.State;

namespace Streams.Processing;

/// <summary>The values that wait under one time, side and key, in the order in which they came. Only the side's own array is there.</summary>
internal readonly struct UnmatchedValues<TLeft, TRight>(TLeft[]? left, TRight[]? right)
{
    public readonly TLeft[]? Left = left;
    public readonly TRight[]? Right = right;

    public int Count => Left?.Length ?? Right?.Length ?? 0;

    public UnmatchedValues<TLeft, TRight> WithLeft(TLeft value) => new([.. Left ?? [], value], null);

    public UnmatchedValues<TLeft, TRight> WithRight(TRight value) => new(null, [.. Right ?? [], value]);
}

/// <summary>
/// Kafka Streams' list of <c>LeftOrRightValue</c>: a byte 1 (each element has its length), the count as four bytes, then of each element its length
/// as four bytes, a byte that is 1 for the left side, and the value.
/// </summary>
internal sealed class UnmatchedValuesCodec<TLeft, TRight>(ISerde<TLeft> leftSerde, ISerde<TRight> rightSerde)
    : StoredValue<UnmatchedValues<TLeft, TRight>>
{
    private const byte VariableSize = 1;
    private const int HeaderBytes = 5;
    private const int LengthBytes = 4;

    public override bool IsAbsent(in UnmatchedValues<TLeft, TRight> value) => value.Count == 0;

    public override long Write(in UnmatchedValues<TLeft, TRight> value, long now, RecordBuffer to)
    {
        var header = to.GetSpan(HeaderBytes);
        header[0] = VariableSize;
        BinaryPrimitives.WriteInt32BigEndian(header[1..], value.Count);
        to.Advance(HeaderBytes);
        if (value.Left is { } left)
        {
            foreach (var element in left)
                Write(element, 1, leftSerde, to);
        }
        else
        {
            foreach (var element in value.Right!)
                Write(element, 0, rightSerde, to);
        }

        return now;
    }

    public override UnmatchedValues<TLeft, TRight> Read(ReadOnlySpan<byte> bytes, long timestamp)
    {
        if (bytes.Length < HeaderBytes + LengthBytes + 1 || bytes[0] != VariableSize)
            throw new FormatException("Values that wait for a partner begin with a byte 1 and their count; these do not.");

        var count = BinaryPrimitives.ReadInt32BigEndian(bytes[1..]);
        bytes = bytes[HeaderBytes..];
        return bytes[LengthBytes] == 1 ? new(Read(bytes, count, leftSerde), null) : new(null, Read(bytes, count, rightSerde));
    }

    private static void Write<T>(T element, byte side, ISerde<T> serde, RecordBuffer to)
    {
        // The length goes before the value, and is known after it.
        var start = to.Length;
        to.GetSpan(LengthBytes + 1)[LengthBytes] = side;
        to.Advance(LengthBytes + 1);
        serde.Serialize(element, to);
        to.Patch(start, to.Length - start - LengthBytes);
    }

    private static T[] Read<T>(ReadOnlySpan<byte> bytes, int count, ISerde<T> serde)
    {
        var values = new T[count];
        for (var i = 0; i < count; i++)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(bytes);
            values[i] = serde.Deserialize(bytes.Slice(LengthBytes + 1, length - 1));
            bytes = bytes[(LengthBytes + length)..];
        }

        return values;
    }
}
