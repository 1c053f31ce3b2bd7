using System.Threading.Channels;
using Kafka;

namespace Gateway.Ingest;

/// <summary>What a stream has sent to Kafka and not acknowledged yet, in order. Full means wait: the stream is not read.</summary>
/// <typeparam name="T">What an acknowledgement needs to know.</typeparam>
internal sealed class AckQueue<T>(int unacknowledgedMax, TimeSpan timeout, TimeProvider time, Func<T, TimeSpan, Task> acknowledge) : IDisposable
{
    private readonly Channel<Entry> _entries = Channel.CreateUnbounded<Entry>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
    private readonly SemaphoreSlim _places = new(unacknowledgedMax);

    /// <summary>Waits for a place; take one before each <see cref="Add"/>.</summary>
    public async ValueTask<TimeSpan> TakePlaceAsync(CancellationToken cancellation)
    {
        if (_places.Wait(0, CancellationToken.None))
            return TimeSpan.Zero;

        var start = time.GetTimestamp();
        await _places.WaitAsync(cancellation).ConfigureAwait(false);
        return time.GetElapsedTime(start);
    }

    /// <summary>Adds what was appended last, on the place taken for it.</summary>
    public void Add(T item, Delivery delivery, long receivedAt) => _entries.Writer.TryWrite(new Entry(item, delivery, receivedAt));

    /// <summary>Nothing follows.</summary>
    public void Complete() => _entries.Writer.TryComplete();

    /// <summary>Acknowledges one after the other, as Kafka comes to hold them, until the queue is complete and empty.</summary>
    /// <exception cref="KafkaException">Kafka refused a record, or did not answer in time. Nothing after it is acknowledged.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        await foreach (var entry in _entries.Reader.ReadAllAsync(cancellation).ConfigureAwait(false))
        {
            var failures = await SettleAsync(entry, cancellation).ConfigureAwait(false);
            if (failures.Count > 0)
                throw failures[0].Error;

            await acknowledge(entry.Item, time.GetElapsedTime(entry.ReceivedAt)).ConfigureAwait(false);
            _places.Release();
        }
    }

    public void Dispose() => _places.Dispose();

    private async Task<IReadOnlyList<DeliveryFailure>> SettleAsync(Entry entry, CancellationToken cancellation)
    {
        using var late = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, late.Token);
        try
        {
            return await entry.Delivery.SealAndWaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new KafkaException(KafkaErrorKind.Retriable, RequestTimedOut, $"Kafka did not acknowledge within {timeout}.");
        }
    }

    // Kafka's REQUEST_TIMED_OUT.
    private const int RequestTimedOut = 7;

    private readonly record struct Entry(T Item, Delivery Delivery, long ReceivedAt);
}
