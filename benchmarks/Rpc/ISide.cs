namespace Benchmarks.Rpc;

/// <summary>One of those that are compared.</summary>
internal interface ISide : IDisposable
{
    string Name { get; }

    /// <summary>Whether the side has this row.</summary>
    bool Plays(RpcRow row) => true;

    /// <summary>Calls as the row says, until cancelled; then it ends what it has begun.</summary>
    Task CallAsync(RpcRow row, Caller caller, CancellationToken stop);
}
