using Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using Streams.Processing;
using Streams.Query;
using Streams.Runtime;
using Streams.State;
using Streams.TestKit;
using TestKit;
using Xunit;

namespace Streams.RocksDb.Tests.Snapshots;

/// <summary>One store of one task with its one writer, on any engine, and views of it for whoever queries.</summary>
internal sealed class StoreScene : IStoreOwner, IDisposable
{
    public const string Name = "store";

    private static readonly Dictionary<TopicPartition, long> _noOffsets = [];

    private readonly TempDirectory _folder = new();
    private readonly RocksDbStores? _disk;
    private readonly TaskStorage? _storage;
    private bool _closed;

    /// <param name="builder">The store.</param>
    /// <param name="engine">"memory", "disk", or "written" for a disk to which each commit is written.</param>
    /// <param name="cached">Whether the store is behind a record cache, of a few kilobytes.</param>
    public StoreScene(StoreBuilder builder, string engine, bool cached = false)
    {
        if (engine != "memory")
        {
            TaskState.SkipWhereMissing();
            _disk = new RocksDbStores(new() { MemoryBytes = 16 << 20, LockWait = TimeSpan.Zero, WritesEachCommit = engine == "written" });
        }

        StoreEngine stores = _disk is null ? InMemoryStores.Default : _disk;
        var task = new TaskContext(
            new(0, 0), "app", new RecordCollector(new DriverProducer(), null, TimeProvider.System, CancellationToken.None),
            new RecordErrors(new StreamConfig { ApplicationId = "app" }, static _ => { }, NullLogger.Instance), TimeProvider.System)
        {
            State = new(stores, _folder.Path, cached ? 8 << 10 : 0),
            Timestamp = 0,
            Gate = Gate,
        };
        _storage = stores.OpenTask(new("app", new(0, 0), _folder.Path, [Name]));
        var store = builder.Make(stores);
        store.Init(new StateStoreContext(task, null, _storage));
        Skip.If(cached && builder.WrapInCache is null, "Such a store has no cache.");
        Store = cached ? builder.WrapInCache!(store, stores, task) : store;
    }

    public IStateStore Store { get; }

    public TaskId Id => new(0, 0);

    public IReadOnlyList<IStateStore> Stores => [Store];

    public StateGate Gate { get; } = new();

    public OpenScans Scans { get; } = new();

    public bool IsReady => !_closed;

    public long Lag(string store) => 0;

    public TView View<TView>(QueryableStore<TView> store) => store.View(new LocalStores(Name, () => [this]));

    /// <summary>Processes records as a stream thread does: a batch under the gate, which others get between two records.</summary>
    public void Process(IEnumerable<Action> records)
    {
        using var gate = Gate.EnterToWrite();
        foreach (var record in records)
        {
            record();
            Gate.LetReadersIn();
        }
    }

    /// <summary>Does one thing on a thread of its own, and gives up where that must wait for anyone.</summary>
    public void ProcessElsewhere(Action record)
    {
        var writer = Task.Run(() => Process([record]));
        Assert.True(writer.Wait(TimeSpan.FromSeconds(60)), "The writer waits for a reader that has read half.");
        writer.GetAwaiter().GetResult();
    }

    public void Commit()
    {
        (Store as IFlushableCache)?.FlushCache();
        Store.Flush();
        _storage?.Commit(_noOffsets);
    }

    /// <summary>As when the task moves away.</summary>
    public void Close()
    {
        if (_closed)
            return;

        _closed = true;
        Scans.End();
        using (Gate.EnterToWrite())
        {
            Store.Close();
            _storage?.Dispose();
        }
    }

    public void Dispose()
    {
        Close();
        _disk?.Dispose();
        _folder.Dispose();
    }
}
