using System.Threading.Channels;
using Streams.Contracts.V1;

namespace NodeAgent.Logging;

/// <summary>A service's own log records on their way to the disk queue. Bounded by records and bytes.</summary>
/// <remarks>Depends on nothing that logs: the logger factory is made from it.</remarks>
internal sealed class LogIntake
{
    private readonly Channel<LogRecord> _records;
    private readonly LoggerOptions _options;
    private readonly AgentMetrics _metrics;
    private readonly object _room = new();
    private bool _completed;
    private long _bytes;

    public LogIntake(AgentOptions options, AgentMetrics metrics)
    {
        _options = options.Logger;
        _metrics = metrics;
        _records = Channel.CreateBounded<LogRecord>(new BoundedChannelOptions(_options.BufferRecordsMax) { SingleReader = true });
    }

    public ChannelReader<LogRecord> Records => _records.Reader;

    /// <summary>Hands a record over; at the bound it is dropped and counted, or the call waits.</summary>
    public void Add(LogRecord record)
    {
        if (TryAdd(record))
            return;
        if (_options.WhenFull is FullBehavior.Drop)
        {
            _metrics.Drop(1, "logger_full");
            return;
        }

        // A log call cannot be awaited: the thread that logs waits, which is what the setting asks for.
        lock (_room)
        {
            while (!_completed)
            {
                if (TryAdd(record))
                    return;
                Monitor.Wait(_room);
            }
        }

        _metrics.Drop(1, "stopped");
    }

    /// <summary>Takes note that a record has left.</summary>
    public void Took(LogRecord record)
    {
        Interlocked.Add(ref _bytes, -record.CalculateSize());
        if (_options.WhenFull is FullBehavior.Drop)
            return;
        lock (_room)
            Monitor.PulseAll(_room);
    }

    /// <summary>No record comes any more; later ones are dropped and counted.</summary>
    public void Complete()
    {
        _records.Writer.TryComplete();
        lock (_room)
        {
            _completed = true;
            Monitor.PulseAll(_room);
        }
    }

    // An empty buffer takes any record: one that is larger than the whole bound must not wait for ever.
    private bool TryAdd(LogRecord record)
    {
        var size = record.CalculateSize();
        var after = Interlocked.Add(ref _bytes, size);
        if ((after <= _options.BufferBytesMax || after == size) && _records.Writer.TryWrite(record))
            return true;
        Interlocked.Add(ref _bytes, -size);
        return false;
    }
}
