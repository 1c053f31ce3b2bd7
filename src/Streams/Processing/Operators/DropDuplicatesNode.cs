using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Streams.Processing;

/// <summary>Remembers in a window store which ids passed when, and drops those that come again too soon.</summary>
/// <remarks>
/// With each id lies the place of its record in the input. After a failure records are read again while the store, restored from its changelog, may
/// know them already; a record that meets only itself there is no duplicate.
/// </remarks>
internal sealed class DropDuplicatesNode<TKey, TValue, TId>(string name, string storeName, long withinMs, Func<TKey, TValue, TId> id, bool byKey)
    : Node<TKey, TValue, TKey, TValue>(name)
{
    private readonly List<KeyValue<long, SeenAt>> _found = [];

    // What passed for the input record that is being processed: one record can become several further up.
    private readonly HashSet<TId> _passedNow = [];
    private SeenAt _now;
    private IWindowStore<TId, SeenAt> _store = null!;

    public override void Process(in Record<TKey, TValue> record)
    {
        TId key;
        try
        {
            key = byKey && !record.HasKey ? default! : id(record.Key, record.Value);
        }
        catch (Exception error) when (IsOwn(error))
        {
            Failed(error, in record);
            return;
        }

        if (key is null || (byKey && !record.HasKey))
        {
            Next.Process(in record);
            return;
        }

        var place = new SeenAt(Context.Topic ?? "", Context.Partition, Context.Offset);
        if (place != _now)
        {
            _passedNow.Clear();
            _now = place;
        }

        if (WasSeen(key, record.Timestamp))
            return;

        _passedNow.Add(key);
        (Context.Timestamp, Context.Headers) = (record.Timestamp, record.HeadersOrNull);
        _store.Put(key, place, record.Timestamp);
        Next.Process(in record);
    }

    protected override void OnInit() => _store = (IWindowStore<TId, SeenAt>)Context.Stores[storeName];

    private bool WasSeen(TId key, long time)
    {
        _found.Clear();
        _store.CollectWindows(key, Math.Max(0, time - withinMs), time + withinMs, _found);
        foreach (var (_, seen) in _found)
        {
            if (seen != _now || _passedNow.Contains(key))
                return true;
        }

        return false;
    }
}

/// <summary>A record's place in the input.</summary>
internal readonly record struct SeenAt(string Topic, int Partition, long Offset);

/// <summary>Four bytes of partition, eight of offset, big-endian, then the topic's name.</summary>
internal sealed class SeenAtSerde : ISerde<SeenAt>
{
    private const int NumberBytes = 12;

    public void Serialize(SeenAt value, IBufferWriter<byte> to)
    {
        var numbers = to.GetSpan(NumberBytes);
        BinaryPrimitives.WriteInt32BigEndian(numbers, value.Partition);
        BinaryPrimitives.WriteInt64BigEndian(numbers[4..], value.Offset);
        to.Advance(NumberBytes);
        Encoding.UTF8.GetBytes(value.Topic, to);
    }

    public SeenAt Deserialize(ReadOnlySpan<byte> from)
    {
        if (from.Length < NumberBytes)
            throw new FormatException($"A record's place begins with {NumberBytes} bytes of partition and offset; there are {from.Length} in all.");

        return new(
            Encoding.UTF8.GetString(from[NumberBytes..]), BinaryPrimitives.ReadInt32BigEndian(from), BinaryPrimitives.ReadInt64BigEndian(from[4..]));
    }
}
