namespace Broker.Groups;

/// <summary>An answer that waits for the group: the client's request stays open until it is given.</summary>
/// <param name="version">The version the request was made in; the answer must be one it can carry.</param>
internal sealed class Parked<TResponse>(short version)
{
    // Whoever awaits the answer must not run under the group's lock.
    private readonly TaskCompletionSource<TResponse> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public short Version { get; } = version;

    public Task<TResponse> Answer => _answer.Task;

    public void Give(TResponse response) => _answer.TrySetResult(response);
}
