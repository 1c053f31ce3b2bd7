using System.Text;
using System.Text.Json.Nodes;

namespace Monitor.LogStore.OnElasticsearch;

/// <summary>A query as Elasticsearch takes it: it finds every log that is asked for, and maybe more; a comparison decides.</summary>
internal static class LogSearchBody
{
    // Any run of a text's trigrams narrows correctly; past some dozens another one costs more than it saves.
    private const int TextRunesMax = 34;

    /// <summary>The search for one page.</summary>
    /// <param name="query">What to look for.</param>
    /// <param name="after">The last log of the page before; null for the first page.</param>
    /// <param name="size">Logs at most.</param>
    public static JsonObject Of(LogQuery query, LogKey? after, int size)
    {
        var filters = new JsonArray();
        if (query.FromNs is { } from)
            filters.Add(Range("streams.time", "gte", from));
        if (query.ToNs is { } to)
            filters.Add(Range("streams.time", "lt", to));
        if (query.MinSeverity > 0)
            filters.Add(Range("event.severity", "gte", (int)query.MinSeverity));
        AddTerms(filters, "host.name", query.Nodes);
        AddTerms(filters, "service.name", query.Services);
        AddAttributes(filters, query.Attributes);
        if (Text(query.Text) is { } text)
            filters.Add(text);
        return Ordered(filters, query.OldestFirst ? "asc" : "desc", after, size);
    }

    /// <summary>A search for what passes all filters, in (time, row) order.</summary>
    public static JsonObject Ordered(JsonArray filters, string order, LogKey? after, int size)
    {
        // Documents of others, in an index whose name happens to match ours, have no place in the order.
        filters.Add(new JsonObject { ["exists"] = new JsonObject { ["field"] = "streams.row" } });
        var search = new JsonObject
        {
            ["size"] = size,
            ["track_total_hits"] = false,
            ["query"] = new JsonObject { ["bool"] = new JsonObject { ["filter"] = filters } },
            ["sort"] = new JsonArray(Sort("streams.time", order), Sort("streams.row", order)),
        };
        if (after is { } key)
            search["search_after"] = new JsonArray(key.TimeNs, key.Row);
        return search;
    }

    /// <summary>A filter by a range.</summary>
    public static JsonObject Range(string field, string bound, long value) =>
        new() { ["range"] = new JsonObject { [field] = new JsonObject { [bound] = value } } };

    /// <summary>A filter by a value.</summary>
    public static JsonObject Term(string field, JsonNode value) => new() { ["term"] = new JsonObject { [field] = value } };

    // Where a value is not in the index (too long, or empty), the index cannot narrow by it.
    private static void AddTerms(JsonArray filters, string field, IReadOnlyList<string> values)
    {
        if (values.Count == 0 || values.Any(value => value.Length is 0 or > LogJson.SearchableCharsMax))
            return;

        filters.Add(new JsonObject { ["terms"] = new JsonObject { [field] = new JsonArray([.. values.Select(value => JsonValue.Create(value))]) } });
    }

    private static void AddAttributes(JsonArray filters, IReadOnlyDictionary<string, string> attributes)
    {
        foreach (var (name, value) in attributes)
        {
            if (LogJson.IsSearchable(name) && value.Length <= LogJson.SearchableCharsMax)
                filters.Add(Term($"labels.{name}", value));
        }
    }

    private static JsonObject? Text(string text)
    {
        if (text.Length == 0)
            return null;

        Rune[] runes = [.. text.EnumerateRunes()];
        return runes.Length >= LogJson.TrigramRunes ? Trigrams(runes) : WithinTrigram(runes);
    }

    // The server cuts the text into trigrams as it did the messages.
    private static JsonObject Trigrams(Rune[] runes) => new()
    {
        ["match"] = new JsonObject
        {
            ["message.trigrams"] = new JsonObject { ["query"] = string.Concat(runes.Take(TextRunesMax)), ["operator"] = "and" },
        },
    };

    // One or two characters lie within a trigram, or in a message that is too short to have one.
    private static JsonObject WithinTrigram(Rune[] runes) => new()
    {
        ["bool"] = new JsonObject
        {
            ["should"] = new JsonArray(
                new JsonObject { ["wildcard"] = new JsonObject { ["message.trigrams"] = new JsonObject { ["value"] = $"*{string.Concat(runes.Select(Wildcard))}*" } } },
                Term("streams.short", true)),
        },
    };

    // The index has its letters in lower case, by rules of its own beyond ASCII: any character may stand there.
    private static string Wildcard(Rune rune) => rune.Value switch
    {
        '*' or '?' or '\\' => $"\\{rune}",
        < 0x80 => $"{Rune.ToLowerInvariant(rune)}",
        _ => "?",
    };

    private static JsonObject Sort(string field, string order) =>
        new() { [field] = new JsonObject { ["order"] = order, ["unmapped_type"] = "long" } };
}
