namespace Streams.Processing;

/// <summary>Punctuations by the time they are due. What was missed in a leap is made up for once, not once per interval.</summary>
internal sealed class PunctuationQueue
{
    private readonly PriorityQueue<Punctuation, (long Due, int Order)> _queue = new();
    private int _order;

    /// <summary>When the next one is due; <see cref="long.MaxValue"/> for never.</summary>
    public long NextDue => _queue.TryPeek(out _, out var priority) ? priority.Due : long.MaxValue;

    public void Add(Punctuation punctuation) => _queue.Enqueue(punctuation, (punctuation.Due, _order++));

    /// <summary>Runs what is due at <paramref name="now"/>.</summary>
    /// <returns>How many ran.</returns>
    public int Run(long now, TaskContext context)
    {
        var ran = 0;
        while (NextDue <= now)
        {
            var punctuation = _queue.Dequeue();
            if (punctuation.Cancelled)
                continue;

            Run(punctuation, now, context);
            ran++;
            if (punctuation.Cancelled)
                continue;

            // A call of its own may have taken time; the missed ones are skipped all the same.
            var next = punctuation.Due + punctuation.Interval;
            if (now >= next)
                next = punctuation.Due + (((now - punctuation.Due) / punctuation.Interval) + 1) * punctuation.Interval;
            punctuation.Due = next;
            Add(punctuation);
        }

        return ran;
    }

    private static void Run(Punctuation punctuation, long now, TaskContext context)
    {
        for (var attempt = 1; ; attempt++)
        {
            (context.Topic, context.Partition, context.Offset, context.Timestamp) = (null, -1, -1, now);
            try
            {
                punctuation.Callback(now);
                return;
            }
            catch (Exception error) when (context.IsOwn(error))
            {
                var details = new ProcessingError(punctuation.Node, context.Task, null, now, Headers.Empty, attempt, error, null, null);
                if (!context.Errors.OnFailed(context, details))
                    return;
            }
        }
    }
}
