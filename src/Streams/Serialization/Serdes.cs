using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Streams;

/// <summary>The serdes that come with the engine. Numbers are big-endian, as Kafka's own serializers write them.</summary>
public static class Serdes
{
    /// <summary>UTF-8 text. Bytes that are no UTF-8 read as U+FFFD, as Java's do.</summary>
    public static ISerde<string> String { get; } = new StringSerde();

    /// <summary>Bytes as they are.</summary>
    public static ISerde<byte[]> ByteArray { get; } = new ByteArraySerde();

    /// <summary>Four bytes, big-endian.</summary>
    public static ISerde<int> Int32 { get; } = new Int32Serde();

    /// <summary>Eight bytes, big-endian.</summary>
    public static ISerde<long> Int64 { get; } = new Int64Serde();

    /// <summary>Eight bytes, big-endian IEEE 754.</summary>
    public static ISerde<double> Double { get; } = new DoubleSerde();

    /// <summary>The canonical text with dashes, as Kafka's <c>UUIDSerializer</c> writes it.</summary>
    public static ISerde<Guid> Guid { get; } = new GuidSerde();

    /// <summary>JSON by reflection over <typeparamref name="T"/>'s public members.</summary>
    /// <param name="options">Naming, converters and so on; null for System.Text.Json's web defaults.</param>
    public static ISerde<T> Json<T>(JsonSerializerOptions? options = null) => new JsonSerde<T>(options);

    /// <summary>JSON by a source-generated contract.</summary>
    public static ISerde<T> Json<T>(JsonTypeInfo<T> contract) => new JsonSerde<T>(contract);

    /// <summary>A value type that may be absent: for streams and tables whose values can be null.</summary>
    public static ISerde<T?> Nullable<T>(ISerde<T> inner) where T : struct => new NullableSerde<T>(inner);

    /// <summary>A key and its time window: the key's bytes, then the window's start as eight bytes, as Kafka Streams writes it.</summary>
    /// <param name="inner">The key's serde.</param>
    /// <param name="windowSize">The size of the windows, for bytes hold only their start; <see cref="TimeSpan.MaxValue"/> for windows without an end.</param>
    public static ISerde<Windowed<TKey>> Windowed<TKey>(ISerde<TKey> inner, TimeSpan windowSize) =>
        new WindowedSerde<TKey>(inner, windowSize == TimeSpan.MaxValue ? long.MaxValue : (long)windowSize.TotalMilliseconds);

    /// <summary>A key and its session: the key's bytes, then the session's end and start as eight bytes each, as Kafka Streams writes it.</summary>
    /// <param name="inner">The key's serde.</param>
    public static ISerde<Windowed<TKey>> SessionWindowed<TKey>(ISerde<TKey> inner) => new SessionWindowedSerde<TKey>(inner);
}
