namespace LoadTests.Tests.Running;

/// <summary>A target that answers at once, or keeps everybody waiting until it goes on.</summary>
internal sealed class StallingTarget
{
    // One for each caller: of those that wait for one and the same task, all but the first go on elsewhere, while the clock moves on.
    private readonly List<TaskCompletionSource> _waiting = [];
    private bool _isStalled;

    public int Asked { get; private set; }

    public Task AskAsync()
    {
        Asked++;
        if (!_isStalled)
            return Task.CompletedTask;

        var answer = new TaskCompletionSource();
        _waiting.Add(answer);
        return answer.Task;
    }

    public void Stall() => _isStalled = true;

    public void GoOn()
    {
        _isStalled = false;
        foreach (var answer in _waiting)
            answer.SetResult();
        _waiting.Clear();
    }
}
