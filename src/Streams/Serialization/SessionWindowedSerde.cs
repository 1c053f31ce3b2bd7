using System.Buffers;
using Streams.State;

namespace Streams;

/// <summary>Key bytes, then the session's end and start: the layout of Kafka Streams' <c>SessionWindowedSerializer</c>, which is also that of its stores.</summary>
internal sealed class SessionWindowedSerde<TKey>(ISerde<TKey> inner) : ISerde<Windowed<TKey>>, IWindowedSerde, IKeyEquality<Windowed<TKey>>
{
    public int WindowBytes => SessionKey.SuffixBytes;

    public IEqualityComparer<Windowed<TKey>>? Equality { get; } = WindowedEquality<TKey>.For(inner);

    public void Serialize(Windowed<TKey> value, IBufferWriter<byte> to)
    {
        inner.Serialize(value.Key, to);
        SessionKey.WriteSuffix(to, value.Window);
    }

    public Windowed<TKey> Deserialize(ReadOnlySpan<byte> from)
    {
        var session = SessionKey.Read(from, out var key);
        return new(inner.Deserialize(key), session);
    }
}
