using System.Buffers;

namespace Streams;

/// <summary>Turns values into bytes and back. Null never reaches a serde: the engine writes it as the absence of bytes.</summary>
/// <remarks>Used by several threads at once: keep no state between calls.</remarks>
/// <typeparam name="T">What is written and read.</typeparam>
public interface ISerde<T>
{
    /// <summary>Writes <paramref name="value"/>, which is not null, to the end of <paramref name="to"/>.</summary>
    void Serialize(T value, IBufferWriter<byte> to);

    /// <summary>Reads a value from all of <paramref name="from"/>, which lives only as long as the call.</summary>
    /// <exception cref="FormatException">The bytes are no such value; the message says what was expected.</exception>
    T Deserialize(ReadOnlySpan<byte> from);
}
