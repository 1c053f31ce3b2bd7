using Streams.Contracts.V1;

namespace NodeAgent.Parse;

/// <summary>Finds the severity that a line states of itself.</summary>
/// <remarks>
/// <para>A level counts where loggers write it, never inside the message: "3 errors found, no FATAL" states none. In order:</para>
/// <list type="number">
/// <item>a JSON object's <c>level</c> (or <c>severity</c>, <c>lvl</c> …) at its top;</item>
/// <item>a syslog PRI, <c>&lt;11&gt;</c>;</item>
/// <item>klog and glog: <c>E0102 15:04:05.000000 …</c>;</item>
/// <item>logfmt: <c>level=error</c> before <c>msg=</c>;</item>
/// <item>a level word in the line's header (<see cref="LineHeader"/>): after time stamps, numbers, bracketed groups.</item>
/// <item>
/// in syslog lines, which carry no level, the one that the program itself puts first: <c>sshd[9]: error: …</c>. The colon on
/// both sides makes it the program's own statement, not a word of its message.
/// </item>
/// </list>
/// </remarks>
internal static class LevelDetector
{
    /// <summary>Bytes looked at; no logger writes its level later.</summary>
    private const int HeaderBytesMax = 256;

    /// <summary>The severity of <paramref name="line"/>; unspecified where it states none.</summary>
    public static Severity Detect(ReadOnlySpan<byte> line)
    {
        line = line.TrimStart(" \t\uFEFF"u8);
        if (line.Length < 4)
            return Severity.Unspecified;
        if (line[0] == (byte)'{')
            return JsonLevel.Read(line);

        var header = line[..Math.Min(line.Length, HeaderBytesMax)];
        if (line[0] == (byte)'<' && Pri(header) is { } pri)
            return LevelWords.OfSyslog(pri);
        if (Klog(header) is var klog and not Severity.Unspecified)
            return klog;
        return LogfmtLevel.Read(header) is var logfmt and not Severity.Unspecified ? logfmt : LineHeader.Read(header);
    }

    private static int? Pri(ReadOnlySpan<byte> line)
    {
        var end = line.IndexOf((byte)'>');
        return end is >= 2 and <= 4
            && System.Buffers.Text.Utf8Parser.TryParse(line[1..end], out int pri, out var used)
            && used == end - 1
            && pri is >= 0 and <= 191
            ? pri
            : null;
    }

    // L then MMDD (klog, glog) or yyyyMMdd (newer glog), then a time of day.
    private static Severity Klog(ReadOnlySpan<byte> line)
    {
        var level = line[0] switch
        {
            (byte)'I' => Severity.Info,
            (byte)'W' => Severity.Warn,
            (byte)'E' => Severity.Error,
            (byte)'F' => Severity.Fatal,
            _ => Severity.Unspecified,
        };
        if (level is Severity.Unspecified)
            return level;

        var digits = line[1..].IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        return digits is 4 or 8 && line[(1 + digits)..] is [(byte)' ', _, _, (byte)':', _, _, (byte)':', ..] ? level : Severity.Unspecified;
    }
}
