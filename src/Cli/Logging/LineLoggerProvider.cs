using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Cli.Logging;

/// <summary>Formats log messages as lines and hands them to a sink: <c>time LEVEL category: message</c>.</summary>
internal sealed class LineLoggerProvider(LogLevel minimum, TimeProvider time, Action<LogLevel, string> sink) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new LineLogger(categoryName, minimum, time, sink);

    public void Dispose()
    {
        // The sink belongs to whoever made it.
    }

    private sealed class LineLogger(string category, LogLevel minimum, TimeProvider time, Action<LogLevel, string> sink) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= minimum && logLevel < LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel))
                return;

            var now = time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
            sink(logLevel, $"{now} {Name(logLevel)} {category}: {OneLine(formatter(state, exception))}{Cause(logLevel, exception)}");
        }

        // An error's trace tells a developer where; a warning is about the world, and its message says enough.
        private static string Cause(LogLevel level, Exception? exception) =>
            exception is null ? ""
            : level >= LogLevel.Error ? Environment.NewLine + exception
            : $" ({exception.GetType().Name}: {OneLine(exception.Message)})";

        private static string OneLine(string text) => text.Contains('\n') ? text.ReplaceLineEndings(" ") : text;

        private static string Name(LogLevel level) => level switch
        {
            LogLevel.Trace => "TRACE",
            LogLevel.Debug => "DEBUG",
            LogLevel.Information => "INFO ",
            LogLevel.Warning => "WARN ",
            LogLevel.Error => "ERROR",
            _ => "FATAL",
        };
    }
}
