using System.Collections;
using Kafka;

namespace Streams;

/// <summary>A record's headers, in order; names may repeat. Never changes: <see cref="With"/> and <see cref="Without"/> make new ones.</summary>
public sealed class Headers : IReadOnlyList<RecordHeader>
{
    private readonly RecordHeader[] _headers;

    private Headers(RecordHeader[] headers) => _headers = headers;

    /// <summary>No headers.</summary>
    public static Headers Empty { get; } = new([]);

    /// <summary>Exactly these headers.</summary>
    public static Headers Of(params ReadOnlySpan<RecordHeader> headers) => headers.IsEmpty ? Empty : new(headers.ToArray());

    /// <inheritdoc/>
    public int Count => _headers.Length;

    /// <inheritdoc/>
    public RecordHeader this[int index] => _headers[index];

    /// <summary>The headers where they lie.</summary>
    public ReadOnlySpan<RecordHeader> Span => _headers;

    /// <summary>These headers and one more, last.</summary>
    public Headers With(string name, byte[]? value) => new([.. _headers, new RecordHeader(name, value)]);

    /// <summary>These headers but the ones called <paramref name="name"/>.</summary>
    public Headers Without(string name) => Of(Array.FindAll(_headers, h => h.Key != name));

    /// <summary>Finds the last header called <paramref name="name"/>.</summary>
    public bool TryGetLast(string name, out byte[]? value)
    {
        for (var i = _headers.Length - 1; i >= 0; i--)
        {
            if (_headers[i].Key == name)
            {
                value = _headers[i].Value;
                return true;
            }
        }

        value = null;
        return false;
    }

    /// <inheritdoc/>
    public IEnumerator<RecordHeader> GetEnumerator() => ((IEnumerable<RecordHeader>)_headers).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
