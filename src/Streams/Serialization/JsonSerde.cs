using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Streams;

internal sealed class JsonSerde<T> : ISerde<T>
{
    private readonly JsonTypeInfo<T> _contract;

    public JsonSerde(JsonTypeInfo<T> contract) => _contract = contract;

    public JsonSerde(JsonSerializerOptions? options)
    {
        options ??= JsonSerializerOptions.Web;
        _contract = (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T));
    }

    public void Serialize(T value, IBufferWriter<byte> to)
    {
        using var json = new Utf8JsonWriter(to);
        JsonSerializer.Serialize(json, value, _contract);
    }

    public T Deserialize(ReadOnlySpan<byte> from)
    {
        try
        {
            return JsonSerializer.Deserialize(from, _contract) ?? throw new FormatException($"JSON null is no {typeof(T).Name}.");
        }
        catch (JsonException error)
        {
            throw new FormatException($"The bytes are no {typeof(T).Name} in JSON: {error.Message}", error);
        }
    }
}
