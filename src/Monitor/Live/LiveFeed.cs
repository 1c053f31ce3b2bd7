using System.Threading.Channels;

namespace Monitor.Live;

/// <summary>Hands what happens to whoever watches, at once and without ever waiting for them.</summary>
/// <remarks>
/// Publishing costs one read where nobody watches. A watcher has a buffer; who lets it fill up is cut off and told so, because skipping
/// silently would be a gap that nobody sees.
/// </remarks>
/// <param name="bufferMax">Items that wait for one watcher.</param>
/// <param name="watchersMax">Watchers at once.</param>
internal sealed class LiveFeed<T>(int bufferMax, int watchersMax)
{
    private readonly Lock _gate = new();
    private Subscription[] _subscriptions = [];

    /// <summary>Starts watching from now on.</summary>
    /// <param name="filter">What to see.</param>
    /// <returns>Null where there are as many watchers as may be. Dispose it to stop.</returns>
    public Subscription? TrySubscribe(Func<T, bool> filter)
    {
        lock (_gate)
        {
            if (_subscriptions.Length >= watchersMax)
                return null;

            var subscription = new Subscription(this, filter, bufferMax);
            _subscriptions = [.. _subscriptions, subscription];
            return subscription;
        }
    }

    /// <summary>Shows <paramref name="item"/> to everyone who wants to see it.</summary>
    public void Publish(T item)
    {
        foreach (var subscription in Volatile.Read(ref _subscriptions))
            subscription.Offer(item);
    }

    private void Remove(Subscription subscription)
    {
        lock (_gate)
            _subscriptions = [.. _subscriptions.Where(s => s != subscription)];
    }

    /// <summary>One watcher's view.</summary>
    internal sealed class Subscription : IDisposable
    {
        private readonly LiveFeed<T> _feed;
        private readonly Func<T, bool> _filter;
        private readonly Channel<T> _items;

        public Subscription(LiveFeed<T> feed, Func<T, bool> filter, int bufferMax)
        {
            _feed = feed;
            _filter = filter;
            _items = Channel.CreateBounded<T>(new BoundedChannelOptions(bufferMax) { SingleReader = true });
        }

        /// <summary>What happens, as it happens; ends with <see cref="SlowWatcherException"/> where the buffer was full.</summary>
        public IAsyncEnumerable<T> ReadAllAsync(CancellationToken cancellation) => _items.Reader.ReadAllAsync(cancellation);

        public void Dispose() => _feed.Remove(this);

        internal void Offer(T item)
        {
            if (!_filter(item) || _items.Writer.TryWrite(item))
                return;

            _items.Writer.TryComplete(new SlowWatcherException());
            _feed.Remove(this);
        }
    }
}

/// <summary>A watcher took less than was there to see, until its buffer was full.</summary>
internal sealed class SlowWatcherException() : Exception("The reader was too slow and its buffer filled up. Watch again, with a narrower filter.");
