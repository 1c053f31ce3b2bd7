using System.Globalization;
using System.Text.Json;
using Google.Protobuf.WellKnownTypes;

namespace Monitor.LogStore.OnElasticsearch;

/// <summary>Times as documents have them: ISO 8601 in UTC with nine digits of a second, which say exactly what a <see cref="Timestamp"/> says.</summary>
internal static class IsoTime
{
    private const int NanosPerTick = 100;
    private const long SecondsMin = -62_135_596_800;
    private const long SecondsMax = 253_402_300_799;
    private const int Length = 30;

    /// <summary>Whether there is such a time in the years 1 to 9999.</summary>
    public static bool CanSay(Timestamp time) => time is { Seconds: >= SecondsMin and <= SecondsMax, Nanos: >= 0 and <= 999_999_999 };

    /// <summary>Writes a time; one that cannot be said becomes the nearest that can.</summary>
    public static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> name, Timestamp time)
    {
        Span<byte> text = stackalloc byte[Length];
        var seconds = Math.Clamp(time.Seconds, SecondsMin, SecondsMax);
        var nanos = CanSay(time) ? time.Nanos : 0;
        DateTimeOffset.FromUnixTimeSeconds(seconds).UtcDateTime.TryFormat(text, out _, "yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);
        text[19] = (byte)'.';
        for (var i = 28; i > 19; i--, nanos /= 10)
            text[i] = (byte)('0' + (nanos % 10));
        text[29] = (byte)'Z';
        json.WriteString(name, text);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="FormatException">It is no such time.</exception>
    public static Timestamp Read(string text)
    {
        if (text.Length != Length || text[^1] != 'Z')
            throw new FormatException($"'{text}' is no time with nine digits of a second.");

        var time = DateTime.ParseExact(
            text.AsSpan(0, 27), "yyyy-MM-dd'T'HH:mm:ss.fffffff", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
        var stamp = Timestamp.FromDateTime(time);
        stamp.Nanos = (stamp.Nanos / NanosPerTick * NanosPerTick) + int.Parse(text.AsSpan(27, 2), CultureInfo.InvariantCulture);
        return stamp;
    }
}
