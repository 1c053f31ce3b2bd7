using System.Diagnostics.CodeAnalysis;

namespace Streams.Query;

/// <summary>This instance's partitions of a store as one. In order within a partition; the partitions follow each other.</summary>
internal sealed class CompositeKeyValueStore<TKey, TValue>(LocalStores stores) : IReadOnlyKeyValueStore<TKey, TValue>
{
    public long Count => Timed
        ? stores.Ask<IReadOnlyKeyValueStore<TKey, ValueAndTimestamp<TValue>>, long>(s => s.Count).Sum()
        : stores.Ask<IReadOnlyKeyValueStore<TKey, TValue>, long>(s => s.Count).Sum();

    // Asked for values, a store of values with times answers without them.
    private bool Timed => stores.Holds<IReadOnlyKeyValueStore<TKey, ValueAndTimestamp<TValue>>>();

    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        (bool Found, TValue? Value) answer = Timed
            ? stores.Ask<IReadOnlyKeyValueStore<TKey, ValueAndTimestamp<TValue>>, (bool, TValue?)>(
                s => s.TryGet(key, out var found) ? (true, found.Value) : default).FirstOrDefault(a => a.Item1)
            : stores.Ask<IReadOnlyKeyValueStore<TKey, TValue>, (bool, TValue?)>(
                s => s.TryGet(key, out var found) ? (true, found) : default).FirstOrDefault(a => a.Item1);
        value = answer.Value;
        return answer.Found;
    }

    public IEnumerable<KeyValue<TKey, TValue>> All() => List(s => s.All(), s => s.All());

    public IEnumerable<KeyValue<TKey, TValue>> ReverseAll() => List(s => s.ReverseAll(), s => s.ReverseAll());

    public IEnumerable<KeyValue<TKey, TValue>> Range(TKey? from, TKey? to) => List(s => s.Range(from, to), s => s.Range(from, to));

    public IEnumerable<KeyValue<TKey, TValue>> ReverseRange(TKey? from, TKey? to) =>
        List(s => s.ReverseRange(from, to), s => s.ReverseRange(from, to));

    public IEnumerable<KeyValue<TKey, TValue>> PrefixScan<TPrefix>(TPrefix prefix, ISerde<TPrefix> prefixSerde) =>
        List(s => s.PrefixScan(prefix, prefixSerde), s => s.PrefixScan(prefix, prefixSerde));

    private IEnumerable<KeyValue<TKey, TValue>> List(
        Func<IReadOnlyKeyValueStore<TKey, TValue>, IEnumerable<KeyValue<TKey, TValue>>> plain,
        Func<IReadOnlyKeyValueStore<TKey, ValueAndTimestamp<TValue>>, IEnumerable<KeyValue<TKey, ValueAndTimestamp<TValue>>>> timed) =>
        Timed
            ? stores.List(timed).Select(e => KeyValue.Pair(e.Key, e.Value.Value))
            : stores.List(plain);
}
