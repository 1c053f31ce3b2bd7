using Streams.Query;

namespace Streams.Runtime;

/// <summary>What has stores that queries may look into: a task, or the one that keeps the global stores.</summary>
internal interface IStoreOwner
{
    TaskId Id { get; }

    IReadOnlyList<IStateStore> Stores { get; }

    /// <summary>Taken for each look, as the stores' one writer does for each batch.</summary>
    StateGate Gate { get; }

    /// <summary>Who lists the stores' rows.</summary>
    OpenScans Scans { get; }

    /// <summary>Whether the stores are whole: neither being restored nor on the move.</summary>
    bool IsReady { get; }

    /// <summary>Records that <paramref name="store"/> still lacks while it is restored. Asked from any thread.</summary>
    long Lag(string store);
}
