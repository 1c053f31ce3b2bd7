namespace Monitor.LogStore;

/// <summary>A part of a search's result, bounded in logs and in bytes.</summary>
internal sealed class LogPage
{
    private const int RowsMax = 500;
    private const int BytesMax = 4 << 20;

    private readonly List<FoundLog> _logs = [];
    private int _most;
    private int _bytes;

    /// <summary>The logs, in order.</summary>
    public IReadOnlyList<FoundLog> Logs => _logs;

    /// <summary>Whether another log has to wait for the next page.</summary>
    public bool IsFull => _logs.Count >= _most || _bytes >= BytesMax;

    /// <summary>Empties the page.</summary>
    /// <param name="wanted">Logs that are wanted at most; the page may hold fewer.</param>
    public void Clear(int wanted)
    {
        _logs.Clear();
        (_most, _bytes) = (Math.Min(wanted, RowsMax), 0);
    }

    /// <summary>Adds a log of about <paramref name="bytes"/>. One log fits, however large.</summary>
    public void Add(in FoundLog log, int bytes)
    {
        _logs.Add(log);
        _bytes += bytes;
    }
}
