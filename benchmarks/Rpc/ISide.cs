namespace Benchmarks.Rpc;

/// <summary>One of the two that are compared.</summary>
internal interface ISide : IDisposable
{
    string Name { get; }

    /// <summary>Calls as the row says, until cancelled; then it ends what it has begun.</summary>
    Task CallAsync(RpcRow row, Caller caller, CancellationToken stop);
}
