using Streams.Contracts.V1;

namespace NodeAgent.Parse;

/// <summary>The words that loggers write for a severity, in any letter case.</summary>
internal static class LevelWords
{
    private const int LongestWord = 13;

    /// <summary>The severity that <paramref name="word"/> stands for; unspecified where it is no such word.</summary>
    /// <remarks>
    /// Syslog's notice is informational and its crit, alert and emerg are fatal, as in OpenTelemetry's mapping.
    /// The four-letter words are .NET's console logger's, the three-letter ones Serilog's.
    /// </remarks>
    public static Severity Read(ReadOnlySpan<byte> word)
    {
        if (word.Length is < 3 or > LongestWord)
            return Severity.Unspecified;

        Span<byte> lower = stackalloc byte[LongestWord];
        for (var i = 0; i < word.Length; i++)
        {
            var letter = (byte)(word[i] | 0x20);
            if (letter is < (byte)'a' or > (byte)'z')
                return Severity.Unspecified;
            lower[i] = letter;
        }

        lower = lower[..word.Length];
        return lower[0] switch
        {
            (byte)'t' when Is(lower, "trace"u8, "trce"u8, "trc"u8) => Severity.Trace,
            (byte)'v' when Is(lower, "verbose"u8, "vrb"u8) => Severity.Trace,
            (byte)'f' when Is(lower, "finest"u8, "finer"u8) => Severity.Trace,
            (byte)'f' when Is(lower, "fatal"u8, "ftl"u8) => Severity.Fatal,
            (byte)'f' when Is(lower, "fail"u8) => Severity.Error,
            (byte)'d' when Is(lower, "debug"u8, "dbug"u8, "dbg"u8) => Severity.Debug,
            (byte)'i' when Is(lower, "info"u8, "inf"u8, "information"u8) || Is(lower, "informational"u8) => Severity.Info,
            (byte)'n' when Is(lower, "notice"u8) => Severity.Info,
            (byte)'w' when Is(lower, "warn"u8, "warning"u8, "wrn"u8) => Severity.Warn,
            (byte)'e' when Is(lower, "error"u8, "err"u8) => Severity.Error,
            (byte)'e' when Is(lower, "emerg"u8, "emergency"u8) => Severity.Fatal,
            (byte)'s' when Is(lower, "severe"u8) => Severity.Error,
            (byte)'c' when Is(lower, "crit"u8, "critical"u8) => Severity.Fatal,
            (byte)'a' when Is(lower, "alert"u8) => Severity.Fatal,
            (byte)'p' when Is(lower, "panic"u8) => Severity.Fatal,
            _ => Severity.Unspecified,
        };
    }

    /// <summary>Syslog's number for a severity, the lower three bits of a PRI.</summary>
    /// <remarks>Source: RFC 5424, section 6.2.1.</remarks>
    public static Severity OfSyslog(int number) => (number & 7) switch
    {
        <= 2 => Severity.Fatal,
        3 => Severity.Error,
        4 => Severity.Warn,
        <= 6 => Severity.Info,
        _ => Severity.Debug,
    };

    /// <summary>The numbers of bunyan and pino: 10 is trace, 60 fatal.</summary>
    public static Severity OfBunyan(long number) => number switch
    {
        >= 60 and < 100 => Severity.Fatal,
        >= 50 and < 60 => Severity.Error,
        >= 40 and < 50 => Severity.Warn,
        >= 30 and < 40 => Severity.Info,
        >= 20 and < 30 => Severity.Debug,
        >= 10 and < 20 => Severity.Trace,
        _ => Severity.Unspecified,
    };

    private static bool Is(ReadOnlySpan<byte> word, ReadOnlySpan<byte> a, ReadOnlySpan<byte> b = default, ReadOnlySpan<byte> c = default) =>
        word.SequenceEqual(a) || word.SequenceEqual(b) || word.SequenceEqual(c);
}
