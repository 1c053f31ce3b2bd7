using System.Threading.Channels;
using Gateway.Forwarding;
using Kafka;

namespace Gateway.Ingest;

/// <summary>What a stream has sent to Kafka and not acknowledged yet, in order. Full means wait: the stream is not read.</summary>
/// <typeparam name="T">What an acknowledgement needs to know.</typeparam>
internal sealed class AckQueue<T>(int unacknowledgedMax, Settlement settlement, TimeProvider time, Func<T, TimeSpan, Task> acknowledge) : IDisposable
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
    /// <param name="item">What it is.</param>
    /// <param name="delivery">Its way into Kafka.</param>
    /// <param name="receipt">Its way to Fluentd, where it waits for that.</param>
    /// <param name="receivedAt">When it came.</param>
    public void Add(T item, Delivery delivery, ForwardReceipt? receipt, long receivedAt) =>
        _entries.Writer.TryWrite(new Entry(item, delivery, receipt, receivedAt));

    /// <summary>Nothing follows.</summary>
    public void Complete() => _entries.Writer.TryComplete();

    /// <summary>Acknowledges one after the other, as Kafka comes to hold them, until the queue is complete and empty.</summary>
    /// <exception cref="KafkaException">Kafka refused a record, or did not answer in time. Nothing after it is acknowledged.</exception>
    /// <exception cref="Grpc.Core.RpcException">UNAVAILABLE: Fluentd did not answer in time. Nothing after it is acknowledged.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        await foreach (var entry in _entries.Reader.ReadAllAsync(cancellation).ConfigureAwait(false))
        {
            await settlement.WaitAsync(entry.Delivery, entry.Receipt, cancellation).ConfigureAwait(false);
            await acknowledge(entry.Item, time.GetElapsedTime(entry.ReceivedAt)).ConfigureAwait(false);
            _places.Release();
        }
    }

    public void Dispose() => _places.Dispose();

    private readonly record struct Entry(T Item, Delivery Delivery, ForwardReceipt? Receipt, long ReceivedAt);
}
