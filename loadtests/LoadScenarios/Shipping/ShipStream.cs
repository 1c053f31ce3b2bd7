using Grpc.Core;
using LoadScenarios.Targets;
using Streams.Contracts.V1;

namespace LoadScenarios.Shipping;

/// <summary>One <c>ShipLogs</c> stream: batches in, acknowledgements out, in order. One caller sends at a time; any number wait for acknowledgements.</summary>
internal sealed class ShipStream : IDisposable
{
    private readonly AsyncDuplexStreamingCall<ShipLogsRequest, ShipLogsResponse> _call;
    private readonly CancellationTokenSource _ended;
    private readonly AgentLedger _ledger;
    private readonly SemaphoreSlim _places;
    private readonly Lock _lock = new();
    private readonly Queue<SentBatch> _waiting = [];
    private RpcException? _failure;
    private ulong _next = 1;

    private ShipStream(
        AsyncDuplexStreamingCall<ShipLogsRequest, ShipLogsResponse> call, CancellationTokenSource ended, AgentLedger ledger, ulong epoch, Welcome welcome)
    {
        (_call, _ended, _ledger, Epoch) = (call, ended, ledger, epoch);
        BatchRecordsMax = welcome.MaxBatchRecords == 0 ? int.MaxValue : (int)welcome.MaxBatchRecords;
        _places = new SemaphoreSlim(welcome.MaxUnacknowledgedBatches == 0 ? int.MaxValue : (int)welcome.MaxUnacknowledgedBatches);
        Receiving = ReceiveAsync();
    }

    public ulong Epoch { get; }

    /// <summary>Records that the gateway takes in a batch.</summary>
    public int BatchRecordsMax { get; }

    /// <summary>Completes when the stream has ended.</summary>
    public Task Receiving { get; }

    public bool HasEnded
    {
        get
        {
            lock (_lock)
                return _failure is not null;
        }
    }

    /// <summary>Says hello and waits for the welcome.</summary>
    /// <exception cref="RpcException">The gateway is not there, or does not welcome this agent.</exception>
    public static async Task<ShipStream> OpenAsync(
        Ingest.IngestClient client, Target target, AgentLedger ledger, ulong epoch, TimeSpan timeout, TimeProvider time, CancellationToken cancellation)
    {
        var ended = new CancellationTokenSource();
        var call = client.ShipLogs(target.Call(ended.Token));
        try
        {
            await GreetAsync(call, new Hello { NodeId = ledger.NodeId, Epoch = epoch, Version = "load" }).WaitAsync(timeout, time, cancellation).ConfigureAwait(false);
            return new ShipStream(call, ended, ledger, epoch, call.ResponseStream.Current.Welcome ?? new Welcome());
        }
        catch
        {
            await ended.CancelAsync().ConfigureAwait(false);
            call.Dispose();
            ended.Dispose();
            throw;
        }
    }

    /// <summary>Numbers a batch and sends it once the gateway has a place for it.</summary>
    /// <returns>What completes with the records that were refused, or fails with the stream.</returns>
    public async Task<SentBatch> SendAsync(ShipLogsRequest request, CancellationToken cancellation)
    {
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _ended.Token);
            await _places.WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw Failure();
        }

        var records = request.Batch.Records.Count;
        request.Batch.FirstSequence = _next;
        _next += (ulong)records;
        var sent = new SentBatch(_next - 1);
        lock (_lock)
        {
            if (_failure is not null)
                throw Failure();
            _waiting.Enqueue(sent);
        }

        try
        {
            await _call.RequestStream.WriteAsync(request, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException)
        {
            // Why a stream ended is said where its answers are read, and there all that wait are told.
        }

        return sent;
    }

    /// <summary>Ends the stream; all that wait for it fail.</summary>
    public void End(Status why)
    {
        Fail(new RpcException(why));
        _ended.Cancel();
    }

    public void Dispose()
    {
        End(new Status(StatusCode.Cancelled, "The load test closed the stream."));
        _call.Dispose();
    }

    private static async Task GreetAsync(AsyncDuplexStreamingCall<ShipLogsRequest, ShipLogsResponse> call, Hello hello)
    {
        try
        {
            await call.RequestStream.WriteAsync(new ShipLogsRequest { Hello = hello }).ConfigureAwait(false);
        }
        catch (RpcException)
        {
            // The answer says why.
        }

        if (!await call.ResponseStream.MoveNext(CancellationToken.None).ConfigureAwait(false))
            throw new RpcException(new Status(StatusCode.Unavailable, "The gateway ended the stream without a welcome."));
    }

    private async Task ReceiveAsync()
    {
        try
        {
            while (await _call.ResponseStream.MoveNext(_ended.Token).ConfigureAwait(false))
            {
                // A request to slow down needs no obedience: what is measured is what the gateway does under this load.
                if (_call.ResponseStream.Current.Ack is { } ack)
                    Acknowledge(ack);
            }

            Fail(new RpcException(new Status(StatusCode.Unavailable, "The gateway ended the stream.")));
        }
        catch (RpcException e)
        {
            Fail(e);
        }

        await _ended.CancelAsync().ConfigureAwait(false);
    }

    private void Acknowledge(Ack ack)
    {
        _ledger.Acknowledge(Epoch, ack.ThroughSequence, ack.Rejected.Count);
        while (true)
        {
            SentBatch sent;
            lock (_lock)
            {
                if (!_waiting.TryPeek(out sent!) || sent.LastSequence > ack.ThroughSequence)
                    return;
                _waiting.Dequeue();
            }

            _places.Release();
            sent.Acknowledge(ack.Rejected.Count, ack.Rejected.Count == 0 ? "" : ack.Rejected[0].Reason);
        }
    }

    private void Fail(RpcException failure)
    {
        SentBatch[] lost;
        lock (_lock)
        {
            _failure ??= failure;
            lost = [.. _waiting];
            _waiting.Clear();
        }

        foreach (var sent in lost)
            sent.Fail(Failure());
    }

    private RpcException Failure()
    {
        lock (_lock)
            return new RpcException((_failure ?? new RpcException(Status.DefaultCancelled)).Status);
    }
}

/// <summary>A batch on its way.</summary>
internal sealed class SentBatch(ulong lastSequence)
{
    private readonly TaskCompletionSource<(int Rejected, string Reason)> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ulong LastSequence => lastSequence;

    /// <summary>Completes with how many of its records were refused, and why.</summary>
    public Task<(int Rejected, string Reason)> Answer => _answer.Task;

    public void Acknowledge(int rejected, string reason) => _answer.TrySetResult((rejected, reason));

    public void Fail(Exception failure) => _answer.TrySetException(failure);
}
