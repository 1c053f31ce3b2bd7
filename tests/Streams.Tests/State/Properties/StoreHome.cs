using Microsoft.Extensions.Logging.Abstractions;
using Streams.Processing;
using Streams.Runtime;
using Streams.State;
using TestKit;

namespace Streams.Tests.State;

/// <summary>
/// One store as a task has it, made by the task itself: with its changelog, behind a cache or not; committed, closed and opened again, filled from its
/// changelog.
/// </summary>
internal sealed class StoreHome : IDisposable
{
    private const string Name = "store";

    private readonly TempDirectory _folder = new();
    private readonly ChangelogProducer _changelog = new();
    private readonly StoreEngine _engine;
    private readonly long _cacheBytes;
    private readonly CompiledTopology _topology;
    private StreamTask _task;

    /// <param name="store">The store, called "store".</param>
    /// <param name="engine">Where it lives.</param>
    /// <param name="cacheBytes">The cache in front of it; 0 for none.</param>
    public StoreHome(StoreBuilder store, StoreEngine engine, long cacheBytes)
    {
        (_engine, _cacheBytes) = (engine, cacheBytes);
        _topology = new(
            new Topology()
                .AddSource("source", Serdes.String, Serdes.String, "in")
                .AddProcessor("idle", () => new Idle(), "source")
                .AddStateStore(cacheBytes > 0 ? store.WithCachingEnabled() : store, "idle"),
            "app");
        _task = Open();
    }

    public IStateStore Store => _task.Context.Stores[Name];

    /// <summary>The time of the record that is being processed.</summary>
    public long Now
    {
        set => _task.Context.Timestamp = value;
    }

    public void Commit()
    {
        _task.FlushCaches();
        _task.FlushStores();
        _task.Committed();
    }

    /// <summary>The task leaves and comes back: to what it left on disk, and what its changelog holds beyond that.</summary>
    public void Reopen()
    {
        _task.Close();
        _task = Open();
    }

    /// <summary>The task comes to another machine, where there is nothing but the changelog.</summary>
    /// <param name="compacted">Whether the changelog holds the last record of each key alone.</param>
    public void Move(bool compacted)
    {
        _task.Close();
        foreach (var left in Directory.GetDirectories(_folder.Path))
            Directory.Delete(left, recursive: true);
        _task = Open(compacted);
    }

    public void Dispose()
    {
        _task.Close();
        _folder.Dispose();
    }

    private StreamTask Open(bool compacted = false)
    {
        var collector = new RecordCollector(_changelog, null, TimeProvider.System, CancellationToken.None);
        var errors = new RecordErrors(new StreamConfig { ApplicationId = "app" }, static _ => { }, NullLogger.Instance);
        var task = new StreamTask(new(0, 0), _topology.Subtopologies[0], _topology.Topics, new(new(0, 0), "app", collector, errors, TimeProvider.System)
        {
            State = new(_engine, _folder.Path, _cacheBytes),
            Timestamp = 0,
        });
        foreach (var past in task.Pasts)
        {
            for (var offset = (int)(past.RestoreFrom ?? 0); offset < _changelog.Records.Count; offset++)
            {
                var (key, value, timestamp) = _changelog.Records[offset];
                if (!compacted || !IsOverwritten(key, offset))
                    past.Store.Restore(key, value, value is not null, timestamp);
            }

            past.Restored(_changelog.Records.Count);
        }

        task.MoveTo(TaskState.Restoring);
        task.Start();
        return task;
    }

    private bool IsOverwritten(byte[] key, int offset) => _changelog.Records.Skip(offset + 1).Any(later => later.Key.AsSpan().SequenceEqual(key));

    private sealed class Idle : Processor<string, string>
    {
        public override void Process(in Record<string, string> record)
        {
        }
    }
}
