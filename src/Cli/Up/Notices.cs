using Microsoft.Extensions.Logging;

namespace Cli.Up;

/// <summary>What an operator should see now: warnings of the parts, services that ended, nodes that changed state.</summary>
/// <remarks>
/// The last 50 are kept for the live screen. Without one they are printed as they come, at most 20 in ten seconds; what is
/// more is counted, and the log file has them all.
/// </remarks>
internal sealed class Notices(TimeProvider time, TextWriter? printTo)
{
    private const int Kept = 50;
    private const int PrintedMax = 20;
    private static readonly TimeSpan _printWindow = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly Queue<string> _recent = new();
    private long _windowStart = time.GetTimestamp();
    private int _printed;
    private int _withheld;

    public IReadOnlyList<string> Recent
    {
        get
        {
            lock (_lock)
                return [.. _recent];
        }
    }

    public void Add(string notice)
    {
        lock (_lock)
        {
            _recent.Enqueue(notice);
            if (_recent.Count > Kept)
                _recent.Dequeue();
            if (printTo is not null)
                Print(notice, printTo);
        }
    }

    /// <summary>A log line of a part: warnings and worse are shown, without the trace that an error may carry.</summary>
    public void AddLogLine(LogLevel level, string line)
    {
        if (level >= LogLevel.Warning)
            Add(line.Split('\n', 2)[0].TrimEnd());
    }

    private void Print(string notice, TextWriter target)
    {
        if (time.GetElapsedTime(_windowStart) >= _printWindow)
        {
            if (_withheld > 0)
                target.WriteLine($"… and {_withheld} more such lines; the log has them.");
            (_windowStart, _printed, _withheld) = (time.GetTimestamp(), 0, 0);
        }

        if (_printed++ < PrintedMax)
            target.WriteLine(notice);
        else
            _withheld++;
    }
}
