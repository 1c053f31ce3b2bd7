using System.Diagnostics.CodeAnalysis;
using Streams.RocksDb.Rows;
using Streams.State;

namespace Streams.RocksDb.Stores;

/// <summary>Values by key on disk: a row for each key, under the key's own bytes.</summary>
internal class RocksKeyValueStore<TKey, TStored>(KeyValueStoreSpec<TKey, TStored> spec)
    : RocksStore(spec.Name), IKeyValueStore<TKey, TStored>, IOrderedScan<TKey, TStored>
{
    // Whoever reads in order stops soon, most often at the first row.
    private const int FirstPageRows = 8;
    private const int PageRowsMax = 1024;

    private readonly ISerde<TKey> _keySerde = spec.KeySerde;
    private readonly RowValue<TStored> _values = new(spec.Values);

    public long Count => Rows.Count;

    protected override string Layout => "key-value/1 " + _values.Layout;

    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TStored value)
    {
        using var timing = Timed(StoreOperation.Get);
        Buffer.Clear();
        _keySerde.Serialize(key, Buffer);
        if (!Rows.TryGet(Buffer.From(0), out var row))
        {
            value = default;
            return false;
        }

        value = _values.Read(row);
        return true;
    }

    public void Put(TKey key, TStored value)
    {
        using var timing = Timed(StoreOperation.Put);
        if (_values.IsAbsent(in value))
        {
            Remove(key);
            return;
        }

        var buffer = Changelog?.Buffer ?? Buffer;
        buffer.Clear();
        _keySerde.Serialize(key, buffer);
        var keyLength = buffer.Length;
        var timestamp = _values.Write(in value, Context.Task.Timestamp, buffer);
        _values.Put(Rows, buffer.Span(0, keyLength), buffer.From(keyLength), timestamp);
        Changelog?.Put(keyLength, timestamp);
        RowWritten();
    }

    public bool PutIfAbsent(TKey key, TStored value)
    {
        if (Contains(key))
            return false;

        Put(key, value);
        return true;
    }

    public bool Delete(TKey key)
    {
        var existed = Contains(key);
        Remove(key);
        return existed;
    }

    public IEnumerable<KeyValue<TKey, TStored>> All() => List([], [], forward: true);

    public IEnumerable<KeyValue<TKey, TStored>> ReverseAll() => List([], [], forward: false);

    public IEnumerable<KeyValue<TKey, TStored>> InOrder() => Pages([], [], forward: true);

    public IEnumerable<KeyValue<TKey, TStored>> Range(TKey? from, TKey? to) => List(From(from), To(to), forward: true);

    public IEnumerable<KeyValue<TKey, TStored>> ReverseRange(TKey? from, TKey? to) => List(From(from), To(to), forward: false);

    public IEnumerable<KeyValue<TKey, TStored>> PrefixScan<TPrefix>(TPrefix prefix, ISerde<TPrefix> prefixSerde)
    {
        Buffer.Clear();
        prefixSerde.Serialize(prefix, Buffer);
        return List(Buffer.From(0).ToArray(), KeyBound.AfterAllThatBeginWith(Buffer.From(0)), forward: true);
    }

    public override void Restore(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool hasValue, long timestamp)
    {
        if (hasValue)
            _values.Put(Rows, key, value, timestamp);
        else
            Rows.Delete(key);
        RowRestored();
    }

    private bool Contains(TKey key)
    {
        Buffer.Clear();
        _keySerde.Serialize(key, Buffer);
        return Rows.TryGet(Buffer.From(0), out _);
    }

    private void Remove(TKey key)
    {
        var buffer = Changelog?.Buffer ?? Buffer;
        buffer.Clear();
        _keySerde.Serialize(key, buffer);
        Rows.Delete(buffer.From(0));
        // Logged even where there was nothing: the changelog may still hold an older value of this key.
        Changelog?.Delete(buffer.Length, Context.Task.Timestamp);
        RowWritten();
    }

    private byte[] From(TKey? key) => key is null ? [] : Serialized(key);

    private byte[] To(TKey? key) => key is null ? [] : KeyBound.After(Serialized(key));

    private byte[] Serialized(TKey key)
    {
        Buffer.Clear();
        _keySerde.Serialize(key, Buffer);
        return Buffer.From(0).ToArray();
    }

    protected override RocksStore OfSameKind() => new RocksKeyValueStore<TKey, TStored>(spec);

    private IEnumerable<KeyValue<TKey, TStored>> List(byte[] from, byte[] to, bool forward) =>
        IsSnapshot ? Pages(from, to, forward) : Scan(Rows, from, to, forward, int.MaxValue, out _);

    private IEnumerable<KeyValue<TKey, TStored>> Pages(byte[] from, byte[] to, bool forward)
    {
        var within = Rows.Within(from, to);
        byte[]? next = null;
        var count = FirstPageRows;
        do
        {
            if (next is not null)
                (from, to) = forward ? (next, to) : (from, KeyBound.After(next));
            foreach (var row in Scan(within, from, to, forward, count, out next))
                yield return row;
            count = Math.Min(2 * count, PageRowsMax);
        }
        while (next is not null);
    }

    /// <summary>Reads rows up to a number of them; <paramref name="next"/> is the key to go on from, null where the last was read.</summary>
    private List<KeyValue<TKey, TStored>> Scan(StoreRows within, byte[] from, byte[] to, bool forward, int rowsMax, out byte[]? next)
    {
        var found = new List<KeyValue<TKey, TStored>>();
        using var rows = within.Scan(from, to, forward);
        next = null;
        while (rows.MoveNext())
        {
            if (found.Count == rowsMax)
            {
                next = rows.Key.ToArray();
                break;
            }

            found.Add(new(_keySerde.Deserialize(rows.Key), _values.Read(rows.Value)));
        }

        return found;
    }
}

/// <summary>Values by key with the time of their last change, on disk.</summary>
internal sealed class RocksTimestampedKeyValueStore<TKey, TValue>(KeyValueStoreSpec<TKey, ValueAndTimestamp<TValue>> spec)
    : RocksKeyValueStore<TKey, ValueAndTimestamp<TValue>>(spec), ITimestampedKeyValueStore<TKey, TValue>;
