namespace LoadTests.Tests.Running;

/// <summary>A target that answers at once, or keeps everybody waiting until it goes on.</summary>
internal sealed class StallingTarget
{
    private TaskCompletionSource? _stall;

    public int Asked { get; private set; }

    public Task AskAsync()
    {
        Asked++;
        return _stall?.Task ?? Task.CompletedTask;
    }

    public void Stall() => _stall ??= new TaskCompletionSource();

    public void GoOn()
    {
        var stall = _stall;
        _stall = null;
        stall?.SetResult();
    }
}
