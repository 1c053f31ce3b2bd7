namespace Streams;

/// <summary>A key and a value: what a map returns and what stores and test topics list.</summary>
public readonly record struct KeyValue<TKey, TValue>(TKey Key, TValue Value);

/// <summary>Makes pairs with their types inferred.</summary>
public static class KeyValue
{
    /// <summary>The pair of <paramref name="key"/> and <paramref name="value"/>.</summary>
    public static KeyValue<TKey, TValue> Pair<TKey, TValue>(TKey key, TValue value) => new(key, value);
}
