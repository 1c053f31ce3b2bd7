using System.Diagnostics.CodeAnalysis;
using Streams.Runtime;

namespace Streams.State;

/// <summary>A global window store as tasks see it.</summary>
internal class ReadOnlyWindowStore<TKey, TValue>(IWindowStore<TKey, TValue> store, StateGate gate)
    : ReadOnlyStore(store, gate), IWindowStore<TKey, TValue>
{
    public bool TryFetch(TKey key, long windowStart, [MaybeNullWhen(false)] out TValue value)
    {
        using var _ = Gate.EnterToRead();
        return store.TryFetch(key, windowStart, out value);
    }

    public IEnumerable<KeyValue<long, TValue>> Fetch(TKey key, long from, long to) => Rows(s => s.Fetch(key, from, to));

    public IEnumerable<KeyValue<long, TValue>> BackwardFetch(TKey key, long from, long to) => Rows(s => s.BackwardFetch(key, from, to));

    public IEnumerable<KeyValue<Windowed<TKey>, TValue>> FetchRange(TKey? keyFrom, TKey? keyTo, long from, long to) =>
        Rows(s => s.FetchRange(keyFrom, keyTo, from, to));

    public IEnumerable<KeyValue<Windowed<TKey>, TValue>> BackwardFetchRange(TKey? keyFrom, TKey? keyTo, long from, long to) =>
        Rows(s => s.BackwardFetchRange(keyFrom, keyTo, from, to));

    public IEnumerable<KeyValue<Windowed<TKey>, TValue>> FetchAll(long from, long to) => Rows(s => s.FetchAll(from, to));

    public IEnumerable<KeyValue<Windowed<TKey>, TValue>> BackwardFetchAll(long from, long to) => Rows(s => s.BackwardFetchAll(from, to));

    public IEnumerable<KeyValue<Windowed<TKey>, TValue>> All() => Rows(s => s.All());

    public IEnumerable<KeyValue<Windowed<TKey>, TValue>> BackwardAll() => Rows(s => s.BackwardAll());

    public void Put(TKey key, TValue value, long windowStart) => throw Refused();

    private IEnumerable<T> Rows<T>(Func<IReadOnlyWindowStore<TKey, TValue>, IEnumerable<T>> look) => List(look);
}

/// <summary>A global window store whose values carry times, as tasks see it.</summary>
internal sealed class ReadOnlyTimestampedWindowStore<TKey, TValue>(ITimestampedWindowStore<TKey, TValue> store, StateGate gate)
    : ReadOnlyWindowStore<TKey, ValueAndTimestamp<TValue>>(store, gate), ITimestampedWindowStore<TKey, TValue>;
