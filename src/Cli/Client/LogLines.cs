using System.Globalization;
using System.Text;
using Google.Protobuf.WellKnownTypes;
using Streams.Contracts.V1;

namespace Cli.Client;

/// <summary>Log records for people: time, level, node and service, message; one line each.</summary>
internal sealed class LogLines(Stream output, bool colours) : IDisposable
{
    private const string Reset = "\e[0m";

    private readonly StreamWriter _writer = new(output, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);

    public void Write(LogRecord record)
    {
        _writer.Write(Time(record.Time ?? record.Observed));
        _writer.Write(' ');
        if (colours)
            _writer.Write(Colour(record.Severity));
        _writer.Write(Level(record.Severity));
        if (colours)
            _writer.Write(Reset);
        _writer.Write(' ');
        _writer.Write(TerminalText.Clean(record.Service.Length > 0 ? $"{record.NodeId}/{record.Service}" : record.NodeId));
        _writer.Write(' ');
        _writer.Write(TerminalText.Clean(record.Message));
        _writer.Write('\n');
    }

    public void Flush() => _writer.Flush();

    public void Dispose() => _writer.Dispose();

    /// <summary>A moment in UTC, to the millisecond.</summary>
    public static string Time(Timestamp? time) =>
        time is null ? "-" : time.ToDateTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    public static string Level(Severity severity) => severity switch
    {
        >= Severity.Fatal => "FATAL",
        >= Severity.Error => "ERROR",
        >= Severity.Warn => "WARN ",
        >= Severity.Info => "INFO ",
        >= Severity.Debug => "DEBUG",
        >= Severity.Trace => "TRACE",
        _ => "-    ",
    };

    private static string Colour(Severity severity) => severity switch
    {
        >= Severity.Error => "\e[31m",
        >= Severity.Warn => "\e[33m",
        >= Severity.Info => "\e[32m",
        _ => "\e[2m",
    };
}
