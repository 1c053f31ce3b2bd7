using System.Text;

namespace Monitor.LogStore;

/// <summary>A text to find, as the trigram index and <c>LIKE</c> take it.</summary>
/// <remarks>
/// The index narrows, <c>LIKE</c> decides: it is given every trigram of the text, in any order, and so finds a superset of the messages
/// that contain the text; each of those is then compared. SQLite's <c>LIKE</c> ignores the case of ASCII letters alone, which
/// is what <c>grep -i -F</c> does in the C locale.
/// </remarks>
internal sealed class TextFilter
{
    // SQLite's texts end at the first NUL, for LIKE and for the tokenizer alike. A message is searched with this in its place.
    private const char NulStandIn = '\u2400';

    // Any subset of the trigrams narrows correctly; past a few dozen another one costs more than it saves.
    private const int TrigramsMax = 32;

    private TextFilter(string like, string? match) => (Like, Match) = (like, match);

    /// <summary>The pattern for <c>LIKE ? ESCAPE '\'</c>.</summary>
    public string Like { get; }

    /// <summary>The query for the trigram index; null where the text is too short for it and the messages must be scanned.</summary>
    public string? Match { get; }

    /// <summary>Makes the filter; null for an empty text, which everything contains.</summary>
    public static TextFilter? For(string text)
    {
        if (text.Length == 0)
            return null;

        var searchable = Searchable(text);
        return new($"%{Escape(searchable)}%", Trigrams(searchable));
    }

    /// <summary>A message as it is stored for searching: without NULs, and without halves of surrogate pairs.</summary>
    public static string Searchable(string message) =>
        message.Contains('\0', StringComparison.Ordinal) ? message.Replace('\0', NulStandIn) : message;

    private static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length + 8);
        foreach (var c in text)
        {
            if (c is '%' or '_' or '\\')
                escaped.Append('\\');
            escaped.Append(c);
        }

        return escaped.ToString();
    }

    private static string? Trigrams(string text)
    {
        // Runes, not chars: the tokenizer counts code points.
        var runes = text.EnumerateRunes().ToArray();
        if (runes.Length < 3)
            return null;

        var trigrams = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i + 3 <= runes.Length && trigrams.Count < TrigramsMax; i++)
            trigrams.Add($"{runes[i]}{runes[i + 1]}{runes[i + 2]}");
        return string.Join(" AND ", trigrams.Select(t => $"\"{t.Replace("\"", "\"\"", StringComparison.Ordinal)}\""));
    }
}
