using System.Buffers;
using System.Buffers.Binary;
using Streams.State;

namespace Streams;

/// <summary>Key bytes, then the window's start: the layout of Kafka Streams' <c>TimeWindowedSerializer</c>.</summary>
internal sealed class WindowedSerde<TKey>(ISerde<TKey> inner, long windowSizeMs) : ISerde<Windowed<TKey>>, IWindowedSerde, IKeyEquality<Windowed<TKey>>
{
    private const int StartBytes = 8;

    public int WindowBytes => StartBytes;

    public IEqualityComparer<Windowed<TKey>>? Equality { get; } = WindowedEquality<TKey>.For(inner);

    public void Serialize(Windowed<TKey> value, IBufferWriter<byte> to)
    {
        inner.Serialize(value.Key, to);
        BinaryPrimitives.WriteInt64BigEndian(to.GetSpan(StartBytes), value.Window.StartMs);
        to.Advance(StartBytes);
    }

    public Windowed<TKey> Deserialize(ReadOnlySpan<byte> from)
    {
        if (from.Length < StartBytes)
            throw new FormatException($"A windowed key ends in {StartBytes} bytes of window start; there are {from.Length} in all.");

        var start = BinaryPrimitives.ReadInt64BigEndian(from[^StartBytes..]);
        return new(inner.Deserialize(from[..^StartBytes]), TimeWindow.Of(start, windowSizeMs));
    }
}

/// <summary>Marks serdes of windowed keys: a sink partitions their records by the key without its window.</summary>
internal interface IWindowedSerde
{
    /// <summary>How many bytes the window takes, behind the key's own.</summary>
    int WindowBytes { get; }
}
