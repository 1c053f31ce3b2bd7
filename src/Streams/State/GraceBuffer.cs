using System.Buffers;
using System.Buffers.Binary;
using Streams.Processing;

namespace Streams.State;

/// <summary>
/// Holds a stream's records back for a grace period of stream time, so that table updates that come late can still meet them. First by time, then by
/// key, then as they came.
/// </summary>
/// <remarks>
/// In memory, and in a changelog as Kafka Streams' <c>RocksDBTimeOrderedKeyValueBuffer</c> writes it (KIP-923): keys are a byte 0 (rows by
/// time), eight bytes of time, the record's key, four bytes of a sequence; values are those of a suppression's buffer, with a time of 0.
/// </remarks>
internal sealed class GraceBuffer<TKey, TValue>(string name, ISerde<TKey> keySerde, ISerde<TValue> valueSerde, long graceMs)
    : IStateStore, IRestorable, ICountable
{
    private const int TimeBytes = 1 + sizeof(long);
    private const int SequenceBytes = 4;

    private readonly PriorityQueue<BufferedChange<TKey, TValue>, byte[]> _records = new(ByteOrder);
    private readonly Dictionary<byte[], BufferedChange<TKey, TValue>> _restored = new(KeyEquality.For(Serdes.ByteArray));
    private readonly BufferedChangeFormat<TValue> _format = new(valueSerde);
    private readonly RecordBuffer _scratch = new();
    private StateStoreContext _context = null!;
    private Changelog? _changelog;
    private long _streamTime = TaskContext.NoTimestamp;
    private int _sequence;

    public string Name => name;

    public long EntryCount => _records.Count + _restored.Count;

    private static Comparer<byte[]> ByteOrder { get; } = Comparer<byte[]>.Create((left, right) => left.AsSpan().SequenceCompareTo(right));

    /// <summary>A store of such buffers, one for each task.</summary>
    public static StoreBuilder Store(string name, ISerde<TKey> keySerde, ISerde<TValue> valueSerde, long graceMs) =>
        Stores.InMemoryOf(name, () => new GraceBuffer<TKey, TValue>(name, keySerde, valueSerde, graceMs));

    public void Init(StateStoreContext context)
    {
        _context = context;
        _changelog = context.Changelog;
    }

    /// <summary>Takes a record, which has a key and a value.</summary>
    /// <returns>False where its grace has passed already: it is to be joined now.</returns>
    public bool TryPut(in Record<TKey, TValue> record)
    {
        TakeUpRestored();
        if (_streamTime - graceMs > record.Timestamp)
            return false;

        _streamTime = Math.Max(_streamTime, record.Timestamp);
        _sequence = (_sequence + 1) & int.MaxValue;
        var buffer = _changelog?.Buffer ?? _scratch;
        WriteKey(in record, buffer);
        var bytes = buffer.From(0).ToArray();
        var entry = new BufferedChange<TKey, TValue>(record.Key, bytes, time: 0)
        {
            Change = new(record.Value, hasNew: true, default, hasOld: false),
            Context = _context.Task.RecordContext(record.Timestamp, record.HeadersOrNull),
        };
        _records.Enqueue(entry, bytes);
        if (_changelog is { } changelog)
        {
            // The record's time is in the value; as in Kafka Streams, the changelog record's own is the producer's.
            _format.Write(entry, buffer);
            changelog.Put(bytes.Length, null);
        }

        return true;
    }

    /// <summary>Shows the first record whose grace has passed, and where it was read from.</summary>
    public bool TryPeekClosed(out Record<TKey, TValue> record, out RecordContext from)
    {
        TakeUpRestored();
        (record, from) = (default, default);
        if (!_records.TryPeek(out var first, out _) || first.Context.Timestamp > _streamTime - graceMs)
            return false;

        from = first.Context;
        record = new(first.Key, first.Change.New!, from.Timestamp, from.Headers.Count == 0 ? null : from.Headers);
        return true;
    }

    /// <summary>Removes the first record.</summary>
    public void RemoveFirst()
    {
        var bytes = _records.Dequeue().KeyBytes;
        if (_changelog is not { } changelog)
            return;

        changelog.Buffer.Clear();
        changelog.Buffer.Write(bytes);
        changelog.Delete(bytes.Length, null);
    }

    public void Restore(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool hasValue, long timestamp)
    {
        if (key.Length < TimeBytes + SequenceBytes)
            throw new FormatException($"A buffered record's changelog key has {TimeBytes} bytes of time, a key and {SequenceBytes} of sequence; this one has {key.Length} in all.");

        var bytes = key.ToArray();
        if (hasValue)
            _restored[bytes] = _format.Read(keySerde.Deserialize(key[TimeBytes..^SequenceBytes]), bytes, value);
        else
            _restored.Remove(bytes);
    }

    public void Flush()
    {
    }

    public void Close()
    {
        _records.Clear();
        _restored.Clear();
    }

    private void TakeUpRestored()
    {
        if (_restored.Count == 0)
            return;

        foreach (var entry in _restored.Values)
        {
            _records.Enqueue(entry, entry.KeyBytes);
            _streamTime = Math.Max(_streamTime, entry.Context.Timestamp);

            // Sequences go on behind those in use, or a new record could take a restored one's place.
            _sequence = Math.Max(_sequence, BinaryPrimitives.ReadInt32BigEndian(entry.KeyBytes.AsSpan(^SequenceBytes..)));
        }

        _restored.Clear();
    }

    private void WriteKey(in Record<TKey, TValue> record, RecordBuffer to)
    {
        to.Clear();
        var time = to.GetSpan(TimeBytes);
        time[0] = 0;
        BinaryPrimitives.WriteInt64BigEndian(time[1..], record.Timestamp);
        to.Advance(TimeBytes);
        keySerde.Serialize(record.Key, to);
        BinaryPrimitives.WriteInt32BigEndian(to.GetSpan(SequenceBytes), _sequence);
        to.Advance(SequenceBytes);
    }
}
