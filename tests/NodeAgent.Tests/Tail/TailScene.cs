using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using NodeAgent.Queue;
using NodeAgent.Tail;
using NodeAgent.Tests.Queue;
using Streams.Contracts.V1;
using TestKit;

namespace NodeAgent.Tests.Tail;

/// <summary>A folder of logs, an agent's reading half and a clock that the test moves.</summary>
internal sealed class TailScene : IDisposable
{
    private readonly TempDirectory _root = new();
    private DiskQueue _queue;
    private Tailer? _tailer;

    public TailScene(Action<AgentOptions>? configure = null)
    {
        Logs = Directory.CreateDirectory(Path.Combine(_root.Path, "logs")).FullName;
        Options = new AgentOptions
        {
            NodeId = "n1",
            Tail = [Path.Combine(Logs, "*.log")],
            DataDirectory = Path.Combine(_root.Path, "queue"),
        };
        configure?.Invoke(Options);
        _queue = OpenQueue();
    }

    public string Logs { get; }

    public AgentOptions Options { get; }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));

    public RecordingLogger<Tailer> Log { get; } = new();

    public DiskQueue Queue => _queue;

    public string In(string name) => Path.Combine(Logs, name);

    public void Write(string name, string text) => File.WriteAllText(In(name), text);

    public void Append(string name, string text) => File.AppendAllText(In(name), text);

    /// <summary>Looks for files and reads until there is nothing more to read.</summary>
    public void Run()
    {
        Tailer().Look();
        Read();
    }

    /// <summary>Reads the known files until there is nothing more to read.</summary>
    public void Read()
    {
        for (var turn = 0; Tailer().ReadOnce(); turn++)
            Assert.True(turn < 100_000, "Reading never comes to an end.");
    }

    /// <summary>Lets time pass and reads again: what is quiet is taken as it stands.</summary>
    public void Quiet(int seconds = 2)
    {
        Time.Advance(TimeSpan.FromSeconds(seconds));
        Run();
    }

    /// <summary>The agent is killed and started again.</summary>
    public void Restart()
    {
        _tailer?.Dispose();
        _tailer = null;
        _queue.Dispose();
        _queue = OpenQueue();
    }

    public IReadOnlyList<LogRecord> Records() => _queue.ReadAll();

    public IReadOnlyList<string> Messages() => [.. Records().Select(record => record.Message)];

    public void Dispose()
    {
        _tailer?.Dispose();
        _queue.Dispose();
        _root.Dispose();
    }

    private Tailer Tailer()
    {
        if (_tailer is null)
        {
            _tailer = new Tailer(_queue, Options, Time, new AgentMetrics(new TestMeters()), Log);
            _tailer.Resume();
        }

        return _tailer;
    }

    private DiskQueue OpenQueue() => DiskQueue.Open(Options.DataDirectory, Options.Queue, Time, NullLogger<DiskQueue>.Instance);
}
