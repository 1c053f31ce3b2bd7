using System.Diagnostics;
using Streams.Runtime;

namespace Streams.Query;

/// <summary>How a question to a store ended.</summary>
internal enum QueryResult
{
    /// <summary>With all that was asked for.</summary>
    Answered,

    /// <summary>The store was being restored or moved.</summary>
    NotReady,

    /// <summary>With another error.</summary>
    Failed,
}

/// <summary>One question to a store, measured from its begin until it is disposed.</summary>
internal sealed class StoreQuery(EngineMetrics? metrics, string store) : IDisposable
{
    private readonly long _begun = Stopwatch.GetTimestamp();

    public QueryResult Result { get; set; } = QueryResult.Answered;

    /// <summary>Takes a step of the answer, and notes how it fails.</summary>
    public T Watch<T>(Func<T> step)
    {
        try
        {
            return step();
        }
        catch (Exception error)
        {
            Result = error is StoreNotReadyException ? QueryResult.NotReady : QueryResult.Failed;
            throw;
        }
    }

    public void Dispose() => metrics?.Answered(store, Result, Stopwatch.GetElapsedTime(_begun));
}
