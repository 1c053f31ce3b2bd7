using System.Diagnostics.CodeAnalysis;

namespace Streams.State;

/// <summary>Values by key as they were, read entry by entry.</summary>
internal sealed class KeyedSnapshot<TKey, TStored>(
    CowMap<TKey, TStored> entries, CowSorted<SlotKey, SlotKey.ByBytes> order, ISerde<TKey> keySerde, RecordBuffer scratch)
    : IReadOnlyKeyValueStore<TKey, TStored>
{
    public long Count => entries.Count;

    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TStored value) => entries.TryGetValue(key, out value);

    public IEnumerable<KeyValue<TKey, TStored>> All() => Forward(null, null);

    public IEnumerable<KeyValue<TKey, TStored>> ReverseAll() => Backward(null, null);

    public IEnumerable<KeyValue<TKey, TStored>> Range(TKey? from, TKey? to) => Forward(Bytes(from), Bytes(to));

    public IEnumerable<KeyValue<TKey, TStored>> ReverseRange(TKey? from, TKey? to) => Backward(Bytes(from), Bytes(to));

    public IEnumerable<KeyValue<TKey, TStored>> PrefixScan<TPrefix>(TPrefix prefix, ISerde<TPrefix> prefixSerde) =>
        WithPrefix(OrderedKey<TKey>.Prefix(prefix, prefixSerde, scratch).Bytes);

    private IEnumerable<KeyValue<TKey, TStored>> Forward(byte[]? from, byte[]? to)
    {
        for (var at = from is null ? default : order.FirstFrom(new(from, 0)); order.TryGet(at, out var key); at = order.Next(at))
        {
            if (to is not null && key.Bytes.AsSpan().SequenceCompareTo(to) > 0)
                yield break;

            yield return Entry(key);
        }
    }

    private IEnumerable<KeyValue<TKey, TStored>> Backward(byte[]? from, byte[]? to)
    {
        // Nothing lies between a key and the same with a zero behind.
        var end = to is null ? order.End : order.FirstFrom(new([.. to, 0], 0));
        for (var at = order.Before(end); order.TryGet(at, out var key); at = order.Before(at))
        {
            if (from is not null && key.Bytes.AsSpan().SequenceCompareTo(from) < 0)
                yield break;

            yield return Entry(key);
        }
    }

    private IEnumerable<KeyValue<TKey, TStored>> WithPrefix(byte[] prefix)
    {
        for (var at = order.FirstFrom(new(prefix, 0)); order.TryGet(at, out var key) && key.Bytes.AsSpan().StartsWith(prefix); at = order.Next(at))
            yield return Entry(key);
    }

    private KeyValue<TKey, TStored> Entry(SlotKey key)
    {
        entries.TryGetSlot(key.Slot, out var own, out var value);
        return new(own!, value!);
    }

    private byte[]? Bytes(TKey? key) => key is null ? null : OrderedKey<TKey>.Of(key, keySerde, scratch).Bytes;
}
