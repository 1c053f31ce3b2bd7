using Rd = Confluent.Kafka;

namespace Kafka.OnConfluent;

/// <summary>Bytes in an arena; <see cref="Memory"/> is null for Kafka's null.</summary>
internal readonly record struct Slice(byte[]? Memory, int Start, int Length)
{
    public ReadOnlySpan<byte> Span => new(Memory, Start, Length);
}

/// <summary>Where a poll's keys and values lie: chunks that are filled in turn and used again by the next poll.</summary>
/// <remarks>
/// The library hands a record's bytes to a deserializer while they are still its own; this one copies them here, so that no array is
/// made per record. Chunks beyond <see cref="KeptBytesMax"/> are let go when the arena is cleared.
/// </remarks>
internal sealed class RecordArena : Rd.IDeserializer<Slice>
{
    private const int ChunkBytes = 256 << 10;
    private const int KeptBytesMax = 8 << 20;

    private readonly List<byte[]> _chunks = [];
    private int _current = -1;
    private int _used;

    /// <summary>Bytes held since the last <see cref="Clear"/>.</summary>
    public long Bytes { get; private set; }

    /// <inheritdoc/>
    public Slice Deserialize(ReadOnlySpan<byte> data, bool isNull, Rd.SerializationContext context)
    {
        if (isNull)
            return default;
        if (data.IsEmpty)
            return new Slice([], 0, 0);

        Bytes += data.Length;
        // A record that would waste most of a chunk gets an array of its own.
        if (data.Length > ChunkBytes / 4)
            return new Slice(data.ToArray(), 0, data.Length);

        if (_current < 0 || _used + data.Length > ChunkBytes)
        {
            if (++_current == _chunks.Count)
                _chunks.Add(GC.AllocateUninitializedArray<byte>(ChunkBytes));
            _used = 0;
        }

        var slice = new Slice(_chunks[_current], _used, data.Length);
        data.CopyTo(_chunks[_current].AsSpan(_used));
        _used += data.Length;
        return slice;
    }

    /// <summary>Makes everything handed out invalid and starts over.</summary>
    public void Clear()
    {
        const int kept = KeptBytesMax / ChunkBytes;
        if (_chunks.Count > kept)
            _chunks.RemoveRange(kept, _chunks.Count - kept);
        (_current, _used, Bytes) = (-1, 0, 0);
    }
}
