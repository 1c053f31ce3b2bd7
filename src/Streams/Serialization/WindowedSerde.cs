using System.Buffers;
using System.Buffers.Binary;

namespace Streams;

/// <summary>Key bytes, then the window's start: the layout of Kafka Streams' <c>TimeWindowedSerializer</c>.</summary>
internal sealed class WindowedSerde<TKey>(ISerde<TKey> inner, long windowSizeMs) : ISerde<Windowed<TKey>>, IWindowedSerde
{
    public void Serialize(Windowed<TKey> value, IBufferWriter<byte> to)
    {
        inner.Serialize(value.Key, to);
        BinaryPrimitives.WriteInt64BigEndian(to.GetSpan(IWindowedSerde.StartBytes), value.Window.StartMs);
        to.Advance(IWindowedSerde.StartBytes);
    }

    public Windowed<TKey> Deserialize(ReadOnlySpan<byte> from)
    {
        if (from.Length < IWindowedSerde.StartBytes)
            throw new FormatException($"A windowed key ends in {IWindowedSerde.StartBytes} bytes of window start; there are {from.Length} in all.");

        var start = BinaryPrimitives.ReadInt64BigEndian(from[^IWindowedSerde.StartBytes..]);
        return new(inner.Deserialize(from[..^IWindowedSerde.StartBytes]), TimeWindow.Of(start, windowSizeMs));
    }
}

/// <summary>Marks serdes of windowed keys: a sink partitions their records by the key without its window.</summary>
internal interface IWindowedSerde
{
    const int StartBytes = 8;
}
