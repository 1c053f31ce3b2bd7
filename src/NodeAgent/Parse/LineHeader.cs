using Streams.Contracts.V1;

namespace NodeAgent.Parse;

/// <summary>Reads a line's header: what a logger puts before the message.</summary>
/// <remarks>
/// A header is made of time stamps, numbers, zones, punctuation, bracketed groups and, between dashes, a logger's name. The first
/// level word among these is the line's level; the first other word begins the message and ends the search.
/// </remarks>
internal static class LineHeader
{
    private const int TokensMax = 12;

    private static ReadOnlySpan<byte> Separators => " \t|,"u8;

    /// <summary>The level in the header of <paramref name="line"/>.</summary>
    public static Severity Read(ReadOnlySpan<byte> line)
    {
        var rest = line;
        var timed = false;
        var dashed = false;
        for (var token = 0; token < TokensMax; token++)
        {
            rest = rest.TrimStart(Separators);
            if (rest.IsEmpty)
                break;

            if (rest[0] == (byte)'[')
            {
                var close = rest.IndexOf((byte)']');
                if (close < 0)
                    break;
                var group = rest[1..close];
                if (Group(group) is var grouped and not Severity.Unspecified)
                    return grouped;
                timed |= IsTimed(group);
                rest = rest[(close + 1)..];
                continue;
            }

            var end = rest.IndexOfAny(Separators);
            var word = end < 0 ? rest : rest[..end];
            var after = end < 0 ? default : rest[end..];
            if (Level(word, after, first: token == 0, timed) is var level and not Severity.Unspecified)
                return level;

            var isDash = word is [(byte)'-'];
            if (!isDash && !IsHeader(word) && !(dashed && after.TrimStart((byte)' ') is [(byte)'-', (byte)' ', ..]))
                return timed ? Tagged(after) : Severity.Unspecified;
            timed |= IsTimed(word);
            dashed = isDash;
            rest = after;
        }

        return Severity.Unspecified;
    }

    // A host has just ended the header; "tag: level: message" is left to find.
    private static Severity Tagged(ReadOnlySpan<byte> rest)
    {
        var tag = Word(ref rest);
        if (tag is not [_, .., (byte)':'])
            return Severity.Unspecified;
        return Word(ref rest) is [.. var level, (byte)':'] ? LevelWords.Read(level) : Severity.Unspecified;
    }

    private static ReadOnlySpan<byte> Word(ref ReadOnlySpan<byte> rest)
    {
        rest = rest.TrimStart((byte)' ');
        var end = rest.IndexOf((byte)' ');
        var word = end < 0 ? rest : rest[..end];
        rest = rest[word.Length..];
        return word;
    }

    // "ERROR" is a level wherever the header holds it. In smaller letters it is as likely a message's first word, so a mark must
    // set it apart: "warn:" at a line's start, "Info    " or "error," in a column after the time.
    private static Severity Level(ReadOnlySpan<byte> word, ReadOnlySpan<byte> after, bool first, bool timed)
    {
        var colon = word.IndexOf((byte)':');
        var text = colon < 0 ? word : word[..colon];
        var level = LevelWords.Read(text);
        if (level is Severity.Unspecified || text.IndexOfAnyExceptInRange((byte)'A', (byte)'Z') < 0)
            return level;

        var isColumn = after.IsEmpty || after[0] != (byte)' ' || after is [_, (byte)' ' or (byte)'-' or (byte)'[', ..];
        return (first || timed) && colon == word.Length - 1 || timed && isColumn && colon < 0 ? level : Severity.Unspecified;
    }

    // "[error]", "[WARN ]", "[core:error]", "[0701/114930:WARNING:dns.cc(306)]", "[2026-01-01T00:00:00Z INFO  app]", "[12:00:00 INF]".
    private static Severity Group(ReadOnlySpan<byte> group)
    {
        group = group.Trim((byte)' ');
        var separator = group.Contains((byte)' ') ? (byte)' ' : (byte)':';
        var timed = false;
        for (var part = 0; part < 4 && !group.IsEmpty; part++)
        {
            var end = group.IndexOf(separator);
            var word = end < 0 ? group : group[..end];
            if (LevelWords.Read(word) is var level and not Severity.Unspecified)
                return separator == (byte)' ' && !timed ? Severity.Unspecified : level;
            if (separator == (byte)' ' && !word.IsEmpty && !IsHeader(word))
                break;
            timed |= IsTimed(word);
            group = end < 0 ? default : group[(end + 1)..];
        }

        return Severity.Unspecified;
    }

    private static bool IsTimed(ReadOnlySpan<byte> word) =>
        word.Length >= 5 && char.IsAsciiDigit((char)word[0]) && word.IndexOfAny((byte)':', (byte)'-', (byte)'/') > 0
        || word.Length >= 8 && word.Contains((byte)':') && word.IndexOfAnyInRange((byte)'0', (byte)'9') >= 0 && word.Contains((byte)' ');

    // Numbers, hex numbers, times and punctuation; names of months, days and zones; Ruby's letter for a level; what a container
    // runtime writes of a stream.
    private static bool IsHeader(ReadOnlySpan<byte> word)
    {
        if (!char.IsAsciiLetter((char)word[0]))
        {
            foreach (var b in word)
            {
                if (b >= 0x80 || char.IsAsciiLetter((char)b) && !"TZxabcdef"u8.Contains(b))
                    return false;
            }

            return true;
        }

        return word.Length switch
        {
            1 => "DIWEFPZ"u8.Contains(word[0]),
            3 => IsOneOf(word, "JanFebMarAprMayJunJulAugSepOctNovDecMonTueWedThuFriSatSunUTCGMTCETESTEDTCSTCDTMSTPSTPDT"u8),
            4 => word.SequenceEqual("CEST"u8),
            6 => word.SequenceEqual("stdout"u8) || word.SequenceEqual("stderr"u8),
            _ => false,
        };
    }

    private static bool IsOneOf(ReadOnlySpan<byte> word, ReadOnlySpan<byte> words)
    {
        for (; !words.IsEmpty; words = words[word.Length..])
        {
            if (words.StartsWith(word))
                return true;
        }

        return false;
    }
}
