using Streams.State;

namespace Streams.Processing;

/// <summary>The records of both sides that wait for a partner, in one store, first by time.</summary>
internal sealed class UnmatchedRecords<TKey, TLeft, TRight>(IStateStore store)
{
    private readonly IKeyValueStore<UnmatchedKey<TKey>, UnmatchedValues<TLeft, TRight>> _store =
        (IKeyValueStore<UnmatchedKey<TKey>, UnmatchedValues<TLeft, TRight>>)store;

    private readonly List<KeyValue<UnmatchedKey<TKey>, UnmatchedValues<TLeft, TRight>>> _closed = [];

    /// <summary>The time of the first; <see cref="long.MaxValue"/> where none waits.</summary>
    public long FirstTime
    {
        get
        {
            foreach (var (key, _) in InOrder)
                return key.Time;
            return long.MaxValue;
        }
    }

    private IEnumerable<KeyValue<UnmatchedKey<TKey>, UnmatchedValues<TLeft, TRight>>> InOrder =>
        _store is IOrderedScan<UnmatchedKey<TKey>, UnmatchedValues<TLeft, TRight>> scan ? scan.InOrder() : _store.All();

    /// <summary>The store that a join of these types keeps them in.</summary>
    public static StoreBuilder Store(string name, ISerde<TKey> keySerde, ISerde<TLeft> leftSerde, ISerde<TRight> rightSerde) =>
        Stores.KeyValueOf(new KeyValueStoreSpec<UnmatchedKey<TKey>, UnmatchedValues<TLeft, TRight>>(
            name, new UnmatchedKeySerde<TKey>(keySerde), new UnmatchedValuesCodec<TLeft, TRight>(leftSerde, rightSerde)));

    public UnmatchedValues<TLeft, TRight> Get(UnmatchedKey<TKey> key) => _store.TryGet(key, out var values) ? values : default;

    public void Put(UnmatchedKey<TKey> key, UnmatchedValues<TLeft, TRight> values) => _store.Put(key, values);

    /// <summary>Removes what waits under <paramref name="key"/>, if anything does.</summary>
    public void Remove(UnmatchedKey<TKey> key)
    {
        if (_store.TryGet(key, out _))
            _store.Delete(key);
    }

    public void Delete(UnmatchedKey<TKey> key) => _store.Delete(key);

    /// <summary>
    /// Finds what has waited long enough. Looks no further than the first that still waits on each side: all behind them wait too. Leaves in
    /// <see cref="JoinTimes.FirstUnmatched"/> the time up to which it looked, as Kafka Streams does, on which depends when the next look is due.
    /// </summary>
    public List<KeyValue<UnmatchedKey<TKey>, UnmatchedValues<TLeft, TRight>>> CollectClosed(JoinTimes times, ClosingTime<TKey> closesAt)
    {
        _closed.Clear();
        times.FirstUnmatched = long.MaxValue;
        var (leftOpen, rightOpen) = (false, false);
        foreach (var entry in InOrder)
        {
            var key = entry.Key;
            times.FirstUnmatched = key.Time;
            if (leftOpen && rightOpen)
                break;

            if (closesAt(in key) < times.StreamTime)
            {
                _closed.Add(entry);
                continue;
            }

            leftOpen |= key.IsLeft;
            rightOpen |= !key.IsLeft;
            if (leftOpen && rightOpen && entry.Value.Count > 1)
                break;
        }

        return _closed;
    }
}

/// <summary>Until when a waiting record may find a partner.</summary>
internal delegate long ClosingTime<TKey>(in UnmatchedKey<TKey> waiting);
