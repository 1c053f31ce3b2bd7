using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Grpc.Net.Client.Balancer;

/// <summary>What resolvers and balancers tell each other, by key.</summary>
public sealed class BalancerAttributes : IDictionary<string, object?>, IReadOnlyDictionary<string, object?>
{
    /// <summary>Nothing. It cannot be added to.</summary>
    public static readonly BalancerAttributes Empty = new(isReadOnly: true);

    private readonly Dictionary<string, object?> _values = [];
    private readonly bool _isReadOnly;

    /// <summary>Nothing yet.</summary>
    public BalancerAttributes()
    {
    }

    private BalancerAttributes(bool isReadOnly) => _isReadOnly = isReadOnly;

    ICollection<string> IDictionary<string, object?>.Keys => _values.Keys;

    ICollection<object?> IDictionary<string, object?>.Values => _values.Values;

    IEnumerable<string> IReadOnlyDictionary<string, object?>.Keys => _values.Keys;

    IEnumerable<object?> IReadOnlyDictionary<string, object?>.Values => _values.Values;

    int ICollection<KeyValuePair<string, object?>>.Count => _values.Count;

    int IReadOnlyCollection<KeyValuePair<string, object?>>.Count => _values.Count;

    bool ICollection<KeyValuePair<string, object?>>.IsReadOnly => _isReadOnly;

    object? IReadOnlyDictionary<string, object?>.this[string key] => _values[key];

    object? IDictionary<string, object?>.this[string key]
    {
        get => _values[key];
        set => Writable()[key] = value;
    }

    /// <summary>Gives a value; false where there is none.</summary>
    public bool TryGetValue<TValue>(BalancerAttributesKey<TValue> key, [MaybeNullWhen(false)] out TValue value)
    {
        if (_values.TryGetValue(key.Key, out var found))
        {
            value = (TValue)found!;
            return true;
        }

        value = default;
        return false;
    }

    /// <summary>Sets a value.</summary>
    public void Set<TValue>(BalancerAttributesKey<TValue> key, TValue value) => Writable()[key.Key] = value;

    /// <summary>Takes a value away; false where there was none.</summary>
    public bool Remove<TValue>(BalancerAttributesKey<TValue> key) => Writable().Remove(key.Key);

    void IDictionary<string, object?>.Add(string key, object? value) => Writable().Add(key, value);

    bool IDictionary<string, object?>.ContainsKey(string key) => _values.ContainsKey(key);

    bool IDictionary<string, object?>.Remove(string key) => Writable().Remove(key);

    bool IDictionary<string, object?>.TryGetValue(string key, out object? value) => _values.TryGetValue(key, out value);

    bool IReadOnlyDictionary<string, object?>.ContainsKey(string key) => _values.ContainsKey(key);

    bool IReadOnlyDictionary<string, object?>.TryGetValue(string key, out object? value) => _values.TryGetValue(key, out value);

    void ICollection<KeyValuePair<string, object?>>.Add(KeyValuePair<string, object?> item) => Writable().Add(item.Key, item.Value);

    void ICollection<KeyValuePair<string, object?>>.Clear() => Writable().Clear();

    bool ICollection<KeyValuePair<string, object?>>.Contains(KeyValuePair<string, object?> item) => _values.Contains(item);

    void ICollection<KeyValuePair<string, object?>>.CopyTo(KeyValuePair<string, object?>[] array, int arrayIndex) =>
        ((ICollection<KeyValuePair<string, object?>>)_values).CopyTo(array, arrayIndex);

    bool ICollection<KeyValuePair<string, object?>>.Remove(KeyValuePair<string, object?> item) =>
        ((ICollection<KeyValuePair<string, object?>>)Writable()).Remove(item);

    IEnumerator<KeyValuePair<string, object?>> IEnumerable<KeyValuePair<string, object?>>.GetEnumerator() => _values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _values.GetEnumerator();

    private Dictionary<string, object?> Writable() =>
        _isReadOnly ? throw new NotSupportedException("These attributes are read-only. Make new ones and set those.") : _values;
}

/// <summary>The name of a value among attributes, with its type.</summary>
/// <typeparam name="TValue">The value's type.</typeparam>
public readonly struct BalancerAttributesKey<TValue>
{
    /// <summary>A key with a name.</summary>
    public BalancerAttributesKey(string key) => Key = key;

    /// <summary>The name.</summary>
    public string Key { get; }
}
