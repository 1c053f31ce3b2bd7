using Streams.Contracts.V1;

namespace NodeAgent.Parse;

/// <summary>The level of a logfmt line: <c>ts=2026-01-01T00:00:00Z level=warn msg="low on disk"</c>.</summary>
internal static class LogfmtLevel
{
    /// <summary>Reads pairs from the line's start, past time stamps, until the message begins or a word is no pair.</summary>
    public static Severity Read(ReadOnlySpan<byte> line)
    {
        while (!(line = line.TrimStart((byte)' ')).IsEmpty)
        {
            var end = line.IndexOfAny((byte)'=', (byte)' ');
            if (end < 0)
                break;
            var key = line[..end];
            if (line[end] == (byte)' ')
            {
                if (!char.IsAsciiDigit((char)key[0]))
                    break;
                line = line[end..];
                continue;
            }

            if (key.SequenceEqual("msg"u8) || key.SequenceEqual("message"u8))
                break;
            var value = Value(line[(end + 1)..], out var used);
            if (key.SequenceEqual("level"u8) || key.SequenceEqual("lvl"u8) || key.SequenceEqual("severity"u8))
                return LevelWords.Read(value);
            line = line[(end + 1 + used)..];
        }

        return Severity.Unspecified;
    }

    private static ReadOnlySpan<byte> Value(ReadOnlySpan<byte> rest, out int used)
    {
        if (rest is [(byte)'"', ..])
        {
            var close = rest[1..].IndexOf((byte)'"');
            used = close < 0 ? rest.Length : close + 2;
            return rest[1..Math.Max(1, used - 1)];
        }

        var end = rest.IndexOf((byte)' ');
        used = end < 0 ? rest.Length : end;
        return rest[..used];
    }
}
