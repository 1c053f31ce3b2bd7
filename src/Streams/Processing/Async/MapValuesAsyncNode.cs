using System.Diagnostics.CodeAnalysis;

namespace Streams.Processing;

/// <summary>
/// Makes another value of each by a call that takes time. Up to <paramref name="concurrency"/> calls are in flight at once; their results go on in the
/// order of the records, each as if its record were being processed then.
/// </summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "A node's Close does it.")]
internal sealed class MapValuesAsyncNode<TKey, TValue, TNewValue>(
    string name, Func<TKey, TValue, CancellationToken, Task<TNewValue>> mapper, int concurrency)
    : Node<TKey, TValue, TKey, TNewValue>(name), IAsyncNode
{
    private readonly Queue<Call> _calls = new();
    private CancellationTokenSource _cancellation = new();

    public Task? Oldest => _calls.TryPeek(out var call) ? call.Result : null;

    public bool IsFull => _calls.Count >= concurrency;

    public override void Process(in Record<TKey, TValue> record)
    {
        while (IsFull)
            SendOldest(Context.Collector.Stop);

        var result = Start(in record);
        if (_calls.Count == 0 && result.IsCompletedSuccessfully)
        {
            Next.Process(record.WithValue(result.Result));
            return;
        }

        _calls.Enqueue(new(record, result, Context.Place));
    }

    public int SendCompleted()
    {
        var sent = 0;
        while (_calls.TryPeek(out var call) && call.Result.IsCompleted)
        {
            SendOldest(Context.Collector.Stop);
            sent++;
        }

        return sent;
    }

    public void Finish(CancellationToken stop)
    {
        while (_calls.Count > 0)
            SendOldest(stop);
    }

    public void Abandon()
    {
        if (_calls.Count == 0)
            return;

        _cancellation.Cancel();
        _cancellation.Dispose();
        _cancellation = new();
        foreach (var call in _calls)
            Forget(call.Result);
        _calls.Clear();
    }

    public override void Close()
    {
        Abandon();
        _cancellation.Dispose();
    }

    protected override void OnInit() => Context.Async.Add(this);

    /// <summary>Waits for the first call and sends its result on, in its record's place instead of the current one's.</summary>
    private void SendOldest(CancellationToken stop)
    {
        var own = Context.Place;
        var call = _calls.Peek();
        Context.Place = call.Place with { Timestamp = call.Record.Timestamp, Headers = call.Record.HeadersOrNull };
        var isThere = TryGetResult(in call, stop, out var result);

        // It leaves the queue before it goes on: what fails further down is not this node's to repeat.
        _calls.Dequeue();
        if (isThere)
            Next.Process(call.Record.WithValue(result));
        Context.Place = own;
    }

    /// <summary>Waits for the result; a call that failed is made again, or its record dropped, as the handler says.</summary>
    private bool TryGetResult(in Call call, CancellationToken stop, out TNewValue result)
    {
        var pending = call.Result;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                if (!pending.IsCompleted)
                    Task.WaitAny([pending], stop);
                result = pending.GetAwaiter().GetResult();
                return true;
            }
            catch (Exception error) when (IsOwn(error))
            {
                result = default!;
                if (!TriesAgain(error, in call.Record, attempt))
                    return false;
                pending = Start(in call.Record);
            }
        }
    }

    // A call may fail before its first await, or give no task at all: it fails like one that fails later.
    private Task<TNewValue> Start(in Record<TKey, TValue> record)
    {
        try
        {
            return mapper(record.Key, record.Value, _cancellation.Token)
                ?? throw new InvalidOperationException("MapValuesAsync's mapper returned null instead of a task.");
        }
        catch (Exception error) when (error is not StreamsException)
        {
            return Task.FromException<TNewValue>(error);
        }
    }

    // What an abandoned call still throws is no news to anyone; looking at it keeps it from being reported as unobserved.
    private static void Forget(Task call) =>
        call.ContinueWith(static c => _ = c.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    private readonly struct Call(in Record<TKey, TValue> record, Task<TNewValue> result, RecordPlace place)
    {
        public readonly Record<TKey, TValue> Record = record;
        public readonly Task<TNewValue> Result = result;
        public readonly RecordPlace Place = place;
    }
}
