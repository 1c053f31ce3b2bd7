namespace Broker.Server;

/// <summary>Bytes that may be in memory at once. Who asks for more than is left waits, in order, and is served when others give back.</summary>
internal sealed class ByteBudget(long bytes)
{
    private readonly Lock _gate = new();
    private readonly Queue<(int Bytes, TaskCompletionSource Granted)> _waiting = [];
    private long _left = bytes;

    public ValueTask TakeAsync(int count)
    {
        lock (_gate)
        {
            if (_waiting.Count == 0 && _left >= count)
            {
                _left -= count;
                return ValueTask.CompletedTask;
            }

            var granted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue((count, granted));
            return new(granted.Task);
        }
    }

    public void GiveBack(int count)
    {
        lock (_gate)
        {
            _left += count;
            while (_waiting.TryPeek(out var first) && _left >= first.Bytes)
            {
                _left -= first.Bytes;
                _waiting.Dequeue().Granted.SetResult();
            }
        }
    }
}
