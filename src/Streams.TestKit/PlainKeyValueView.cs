using System.Diagnostics.CodeAnalysis;

namespace Streams.TestKit;

/// <summary>A store of values with times, as one of values alone. What is put through it has no time (−1), as through Kafka Streams' driver.</summary>
internal sealed class PlainKeyValueView<TKey, TValue>(ITimestampedKeyValueStore<TKey, TValue> store) : IKeyValueStore<TKey, TValue>
{
    private const long NoTime = -1;

    public string Name => store.Name;

    public long Count => store.Count;

    public void Init(StateStoreContext context) => store.Init(context);

    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        var found = store.TryGet(key, out var stored);
        value = stored.Value;
        return found;
    }

    public void Put(TKey key, TValue value) => store.Put(key, new(value, NoTime));

    public bool PutIfAbsent(TKey key, TValue value) => store.PutIfAbsent(key, new(value, NoTime));

    public bool Delete(TKey key) => store.Delete(key);

    public IEnumerable<KeyValue<TKey, TValue>> All() => Plain(store.All());

    public IEnumerable<KeyValue<TKey, TValue>> ReverseAll() => Plain(store.ReverseAll());

    public IEnumerable<KeyValue<TKey, TValue>> Range(TKey? from, TKey? to) => Plain(store.Range(from, to));

    public IEnumerable<KeyValue<TKey, TValue>> ReverseRange(TKey? from, TKey? to) => Plain(store.ReverseRange(from, to));

    public IEnumerable<KeyValue<TKey, TValue>> PrefixScan<TPrefix>(TPrefix prefix, ISerde<TPrefix> prefixSerde) =>
        Plain(store.PrefixScan(prefix, prefixSerde));

    public void Flush() => store.Flush();

    public void Close() => store.Close();

    private static IEnumerable<KeyValue<TKey, TValue>> Plain(IEnumerable<KeyValue<TKey, ValueAndTimestamp<TValue>>> entries) =>
        entries.Select(e => KeyValue.Pair(e.Key, e.Value.Value));
}
