using Broker.Log;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using TestKit;

namespace Broker.Tests.Log;

/// <summary>One partition's log in a folder of its own, on a clock that the test moves.</summary>
internal sealed class LogScene : IDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly BrokerMetrics _metrics = new();
    private readonly LogFlusher _flusher;

    public LogScene(LogConfig? config = null, FlushPolicy flush = FlushPolicy.Os)
    {
        Config = config ?? Defaults;
        _flusher = new(flush, TimeSpan.FromSeconds(1), Time, _metrics);
        Log = Open();
    }

    public static LogConfig Defaults { get; } = new()
    {
        SegmentBytes = 1 << 20,
        SegmentAge = TimeSpan.FromDays(7),
        RetentionAge = TimeSpan.FromDays(7),
        RetentionBytes = -1,
        MessageBytesMax = 1 << 20,
    };

    public LogConfig Config { get; }

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.FromUnixTimeMilliseconds(Batches.Noon));

    public PartitionLog Log { get; private set; }

    public string Directory => _folder.Combine("t-0");

    public string[] SegmentFiles => [.. System.IO.Directory.GetFiles(Directory, "*.log").Order(StringComparer.Ordinal)];

    public Task FlushAsync() => _flusher.FlushNowAsync();

    /// <summary>Lets go of the log as a kill would, and recovers it.</summary>
    public void CrashAndRecover(Action<string>? betweenTheTwo = null)
    {
        Log.Dispose();
        betweenTheTwo?.Invoke(Directory);
        Log = Open();
    }

    /// <summary>Closes the log as a shutdown does, and opens it again.</summary>
    public void Restart()
    {
        Log.Close();
        Log = Open();
    }

    public List<(long Offset, string Value)> ReadAll(long from = 0)
    {
        var all = new List<(long, string)>();
        for (var next = from; next < Log.HighWatermark;)
        {
            using var read = Log.Read(next, Log.HighWatermark, 1 << 20, firstWhole: true);
            var records = Batches.Records(read.Batches);
            Assert.NotEmpty(records);
            all.AddRange(records.Where(record => record.Offset >= next));
            next = records[^1].Offset + 1;
        }

        return all;
    }

    public void Dispose()
    {
        Log.Dispose();
        _flusher.Dispose();
        _metrics.Dispose();
        _folder.Dispose();
    }

    private PartitionLog Open() => new(
        LogFolder.Open(Directory, producersMax: 1000, Time, NullLogger.Instance), Config, 0, _flusher, _metrics, Time, NullLogger.Instance);
}
