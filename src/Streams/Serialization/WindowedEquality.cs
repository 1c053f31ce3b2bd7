using Streams.State;

namespace Streams;

/// <summary>Windowed keys whose keys are the same when their bytes are: arrays, and classes without equality of their own.</summary>
internal sealed class WindowedEquality<TKey>(IEqualityComparer<TKey> keys) : IEqualityComparer<Windowed<TKey>>
{
    /// <summary>Null where the key type's own equality will do.</summary>
    public static WindowedEquality<TKey>? For(ISerde<TKey> keySerde) =>
        KeyEquality.For(keySerde) is { } keys ? new(keys) : null;

    public bool Equals(Windowed<TKey> x, Windowed<TKey> y) => x.Window == y.Window && keys.Equals(x.Key, y.Key);

    public int GetHashCode(Windowed<TKey> obj) => HashCode.Combine(obj.Key is null ? 0 : keys.GetHashCode(obj.Key), obj.Window);
}
