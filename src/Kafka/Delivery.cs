namespace Kafka;

/// <summary>
/// Follows a run of records to Kafka: count them in with <see cref="ILogProducer.TryAppend"/>, then wait once for all of them.
/// </summary>
/// <remarks>
/// Thread-safe. Acknowledgements may arrive on the producer's own thread while more records are being appended; nothing completes
/// before <see cref="SealAndWaitAsync"/> says that the run is whole.
/// </remarks>
public sealed class Delivery
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private List<DeliveryFailure>? _failures;
    private int _appended;

    // One more than the records on their way, until the run is sealed: so that an early acknowledgement does not end it.
    private int _open = 1;

    /// <summary>Counts one record in. Called by producers.</summary>
    /// <returns>The record's index in this run: 0 for the first one appended.</returns>
    public int Add()
    {
        Interlocked.Increment(ref _open);
        return Interlocked.Increment(ref _appended) - 1;
    }

    /// <summary>Takes the last <see cref="Add"/> back: its record was not taken. Called by producers, before anything else is added.</summary>
    public void Withdraw()
    {
        Interlocked.Decrement(ref _appended);
        Interlocked.Decrement(ref _open);
    }

    /// <summary>Marks one record as held by Kafka. Called by producers.</summary>
    public void Acknowledge() => CloseOne();

    /// <summary>Marks one record as failed for good. Called by producers.</summary>
    public void Fail(int index, KafkaException error)
    {
        lock (_gate)
            (_failures ??= []).Add(new DeliveryFailure(index, error));
        CloseOne();
    }

    /// <summary>Waits until every record counted in is acknowledged or has failed. Call once, after the last append.</summary>
    /// <returns>The records that failed, by index; empty when Kafka holds all of them.</returns>
    public async Task<IReadOnlyList<DeliveryFailure>> SealAndWaitAsync(CancellationToken cancellation)
    {
        CloseOne();
        await _done.Task.WaitAsync(cancellation).ConfigureAwait(false);
        lock (_gate)
            return _failures is null ? [] : [.. _failures.OrderBy(f => f.Index)];
    }

    private void CloseOne()
    {
        if (Interlocked.Decrement(ref _open) == 0)
            _done.TrySetResult();
    }
}

/// <summary>A record of a <see cref="Delivery"/> that Kafka does not hold and never will.</summary>
/// <param name="Index">Its place in the run: 0 for the first record appended.</param>
/// <param name="Error">Why.</param>
public readonly record struct DeliveryFailure(int Index, KafkaException Error);
