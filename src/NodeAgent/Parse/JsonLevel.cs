using System.Text.Json;
using Streams.Contracts.V1;

namespace NodeAgent.Parse;

/// <summary>The level of a line that is one JSON object.</summary>
internal static class JsonLevel
{
    /// <summary>Reads the first top-level member that names a level; unspecified where there is none or the line is no JSON up to there.</summary>
    public static Severity Read(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line);
        try
        {
            reader.Read();
            while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
            {
                var named = IsLevel(ref reader);
                reader.Read();
                if (named && Value(ref reader) is var level and not Severity.Unspecified)
                    return level;
                reader.Skip();
            }
        }
        catch (JsonException)
        {
            // Not JSON after all, or cut off: what it says of its level is not to be trusted.
        }

        return Severity.Unspecified;
    }

    private static bool IsLevel(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("level"u8) || reader.ValueTextEquals("Level"u8) || reader.ValueTextEquals("severity"u8)
        || reader.ValueTextEquals("lvl"u8) || reader.ValueTextEquals("log.level"u8) || reader.ValueTextEquals("levelname"u8)
        || reader.ValueTextEquals("LogLevel"u8) || reader.ValueTextEquals("loglevel"u8) || reader.ValueTextEquals("@l"u8)
        || reader.ValueTextEquals("SeverityText"u8) || reader.ValueTextEquals("severity_text"u8);

    private static Severity Value(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.String when !reader.ValueIsEscaped => LevelWords.Read(reader.ValueSpan),
        JsonTokenType.Number when reader.TryGetInt64(out var number) => LevelWords.OfBunyan(number),
        _ => Severity.Unspecified,
    };
}
