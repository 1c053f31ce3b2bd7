using System.Text.Json;

namespace Elasticsearch;

/// <summary>What became of one document of a bulk request.</summary>
/// <param name="Status">The status, as HTTP's: 201 made, 200 replaced, 409 there already.</param>
/// <param name="ErrorType">The error's type, such as <c>document_parsing_exception</c>; null where there was none.</param>
/// <param name="Reason">The error's reason and its cause's; null where there was none.</param>
internal readonly record struct BulkItem(int Status, string? ErrorType, string? Reason);

/// <summary>Reads the answer to a bulk request.</summary>
internal static class BulkAnswer
{
    private const int ReasonCharsMax = 1_000;

    /// <summary>The items, in the order of the request.</summary>
    /// <exception cref="JsonException">This is no such answer.</exception>
    public static BulkItem[] Read(ReadOnlyMemory<byte> answer, int count)
    {
        using var document = JsonDocument.Parse(answer);
        if (document.RootElement.ValueKind != JsonValueKind.Object
            || !document.RootElement.TryGetProperty("items"u8, out var items)
            || items.ValueKind != JsonValueKind.Array
            || items.GetArrayLength() != count)
            throw new JsonException($"The answer does not hold {count} items.");

        var read = new BulkItem[count];
        var i = 0;
        foreach (var item in items.EnumerateArray())
            read[i++] = Item(item);
        return read;
    }

    private static BulkItem Item(JsonElement item)
    {
        if (item.ValueKind == JsonValueKind.Object)
        {
            foreach (var action in item.EnumerateObject())
            {
                if (action.Value.ValueKind == JsonValueKind.Object
                    && action.Value.TryGetProperty("status"u8, out var status)
                    && status.TryGetInt32(out var number))
                    return action.Value.TryGetProperty("error"u8, out var error) ? new(number, Type(error), Reason(error)) : new(number, null, null);
            }
        }

        throw new JsonException("An item of the answer has no status.");
    }

    private static string Type(JsonElement error) => Text(error, "type") ?? "error";

    /// <summary>An error's reason and what caused it, in one line.</summary>
    public static string Reason(JsonElement error)
    {
        if (error.ValueKind == JsonValueKind.String)
            return Cut(error.GetString()!);

        var reason = Text(error, "reason") ?? Text(error, "type") ?? "no reason given";
        for (var cause = error; cause.ValueKind == JsonValueKind.Object && cause.TryGetProperty("caused_by"u8, out cause);)
            reason = $"{reason}: {Text(cause, "reason") ?? Text(cause, "type")}";
        return Cut(reason);
    }

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;

    private static string Cut(string text) => text.Length <= ReasonCharsMax ? text : $"{text[..ReasonCharsMax]}…";
}
