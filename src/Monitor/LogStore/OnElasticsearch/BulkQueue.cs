using Elasticsearch;
using Streams.Contracts.V1;

namespace Monitor.LogStore.OnElasticsearch;

/// <summary>Documents on their way: the bulk request that is filling, and those that are sent or wait for their turn.</summary>
/// <remarks>
/// <para>Documents are written into the request as they come, so that its bytes are known. A full one is sent; as many are on the way at once as
/// may be, and whoever fills one more waits: a server that is slow, or gone, slows the reading from Kafka, and memory stays as it is.</para>
/// <para><see cref="Flush"/> returns once everything added before it was accepted, or is a dead letter. There is no other success: where the
/// queue is stopped first, it throws, from then on every time, and nobody commits what was not accepted.</para>
/// </remarks>
internal sealed class BulkQueue : IDisposable
{
    private readonly ElasticsearchStoreOptions _options;
    private readonly Func<Shipment, CancellationToken, Task> _ship;
    private readonly TimeProvider _time;
    private readonly SinkMetrics _metrics;
    private readonly SemaphoreSlim _slots;
    private readonly CancellationTokenSource _stop = new();
    private readonly ITimer? _linger;

    private readonly Lock _gate = new();
    private readonly List<Shipment> _underWay = [];
    private Shipment _filling = new();
    private Exception? _failure;
    private long _row;
    private volatile bool _isDisposed;

    /// <summary>Makes a queue.</summary>
    /// <param name="options">Its bounds.</param>
    /// <param name="ship">Delivers one shipment, however long it takes.</param>
    /// <param name="time">The clock.</param>
    /// <param name="metrics">Told how full it is.</param>
    public BulkQueue(ElasticsearchStoreOptions options, Func<Shipment, CancellationToken, Task> ship, TimeProvider time, SinkMetrics metrics)
    {
        (_options, _ship, _time, _metrics) = (options, ship, time, metrics);
        _slots = new(options.BulksInFlightMax);
        // One more is filling, and whoever fills it may hold a full one that waits.
        if (options.Linger > TimeSpan.Zero)
            _linger = time.CreateTimer(_ => SendWhereIdle(), null, options.Linger, options.Linger);
        metrics.Capacity((long)options.BulkRecordsMax * (options.BulksInFlightMax + 2));
    }

    /// <summary>Takes a document. Waits where the queue is full.</summary>
    public void Add<T>(in T document)
        where T : struct, IBulkDocument
    {
        Shipment? full = null;
        lock (_gate)
        {
            ThrowIfFailed();
            _filling.Add(document, NextRow());
            if (_filling.Batch.Bytes >= _options.BulkBytesMax || _filling.Batch.Count >= _options.BulkRecordsMax)
                full = Seal();
        }

        _metrics.Queued(1);
        if (full is not null)
            Send(full);
    }

    /// <summary>Sends what is filling, and waits until everything added before the call was accepted.</summary>
    /// <exception cref="OperationCanceledException">The queue was given up before that.</exception>
    public void Flush()
    {
        Shipment? last = null;
        Task[] underWay;
        lock (_gate)
        {
            ThrowIfFailed();
            if (_filling.Batch.Count > 0)
                last = Seal();
            underWay = [.. _underWay.Select(shipment => shipment.Delivered)];
        }

        if (last is not null)
            Send(last);
        try
        {
            Task.WaitAll(underWay);
        }
        catch (AggregateException)
        {
            // It is the queue's failure, whichever shipment met it first.
        }

        lock (_gate)
            ThrowIfFailed();
    }

    /// <summary>Ends what is under way. What was not accepted never will be, as far as whoever flushes is told.</summary>
    public void GiveUp()
    {
        if (!_isDisposed)
            _stop.Cancel();
    }

    public void Dispose()
    {
        _linger?.Dispose();
        GiveUp();
        _isDisposed = true;
        Task[] underWay;
        lock (_gate)
            underWay = [.. _underWay.Select(shipment => shipment.Delivered)];
        // Cancelled, they end at once; then nothing uses what is disposed here.
        Task.WhenAll(underWay).ContinueWith(_ => _stop.Dispose(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    // What is sealed is under way, though it may wait for its turn: a flush by another thread has to wait for it.
    private Shipment Seal()
    {
        var full = _filling;
        _underWay.Add(full);
        _filling = new();
        return full;
    }

    private void Send(Shipment shipment)
    {
        try
        {
            _slots.Wait(_stop.Token);
        }
        catch (OperationCanceledException stopped)
        {
            Fail(shipment, stopped);
            return;
        }

        _ = Task.Run(() => DeliverAsync(shipment), CancellationToken.None);
    }

    // A commit comes seldom; a search shall find what came just now. Under load nothing is idle, and requests fill instead.
    private void SendWhereIdle()
    {
        if (_isDisposed || !_slots.Wait(0))
            return;

        Shipment? waiting = null;
        lock (_gate)
        {
            if (_failure is null && _filling.Batch.Count > 0)
                waiting = Seal();
        }

        if (waiting is null)
            _slots.Release();
        else
            _ = Task.Run(() => DeliverAsync(waiting), CancellationToken.None);
    }

    private async Task DeliverAsync(Shipment shipment)
    {
        var started = _time.GetTimestamp();
        try
        {
            await _ship(shipment, _stop.Token).ConfigureAwait(false);
            _metrics.Accepted(_time.GetElapsedTime(started), _time.GetUtcNow());
            Close(shipment, null);
        }
        // Whatever it was, the documents were not accepted: whoever flushes has to know.
        catch (Exception failure)
        {
            Fail(shipment, failure);
        }
        finally
        {
            _slots.Release();
        }
    }

    private void Fail(Shipment shipment, Exception failure) => Close(
        shipment,
        failure is OperationCanceledException
            ? new OperationCanceledException(
                $"The monitor stopped before Elasticsearch took {shipment.Batch.Count} documents. Their records are read again at the next start.", failure)
            : failure);

    private void Close(Shipment shipment, Exception? failure)
    {
        lock (_gate)
        {
            _failure ??= failure;
            _underWay.Remove(shipment);
        }

        _metrics.Queued(-shipment.Batch.Count);
        shipment.Close(failure);
    }

    private void ThrowIfFailed()
    {
        if (_failure is OperationCanceledException stopped)
            throw new OperationCanceledException(stopped.Message, stopped);
        if (_failure is { } failure)
            throw new ElasticsearchException(ElasticsearchErrorKind.Unavailable, failure.Message, inner: failure);
    }

    // Rises with each document, across restarts too as long as the clock does not go back.
    private long NextRow() => _row = Math.Max(_row + 1, (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100);
}

/// <summary>Documents of one bulk request, and where each came from.</summary>
internal sealed class Shipment
{
    private readonly List<Origin> _origins = [];
    private readonly TaskCompletionSource _delivered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The documents.</summary>
    public BulkBatch Batch { get; } = new();

    /// <summary>Where each came from.</summary>
    public IReadOnlyList<Origin> Origins => _origins;

    /// <summary>Completes once every document was accepted or is a dead letter; fails where that will not be.</summary>
    public Task Delivered => _delivered.Task;

    /// <summary>Adds a document.</summary>
    public void Add<T>(in T document, long row)
        where T : struct, IBulkDocument
    {
        var json = document.Version == 0
            ? Batch.BeginCreate(document.Index, document.Id)
            : Batch.BeginVersion(document.Index, document.Id, document.Version);
        document.Write(json, row);
        Batch.End();
        _origins.Add(document.Origin);
    }

    /// <summary>How many logs the store holds of these, how many of those are new, and how many alerts.</summary>
    public (int Logs, int Added, int Alerts) Count(BulkOutcome outcome)
    {
        var (logs, added, alerts) = (0, 0, 0);
        for (var i = 0; i < _origins.Count; i++)
        {
            var result = outcome[i];
            if (result == BulkResult.Rejected)
                continue;
            if (_origins[i].Message is LogRecord)
            {
                logs++;
                added += result == BulkResult.Created ? 1 : 0;
            }
            else if (_origins[i].Message is Alert)
            {
                alerts++;
            }
        }

        return (logs, added, alerts);
    }

    /// <summary>Tells whoever waits.</summary>
    public void Close(Exception? failure)
    {
        Batch.Dispose();
        if (failure is null)
        {
            _delivered.SetResult();
            return;
        }

        _delivered.SetException(failure);
        // Seen here: who flushes learns of it from the queue.
        _ = _delivered.Task.Exception;
    }
}
