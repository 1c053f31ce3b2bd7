using Grpc.Core;
using NodeAgent.Queue;
using Streams.Contracts.V1;

namespace NodeAgent.Ship;

/// <summary>One <c>ShipLogs</c> stream, from hello to its end: batches in the order of their numbers, a bounded number unacknowledged.</summary>
internal sealed class ShipStream(DiskQueue queue, AgentOptions options, TimeProvider time, AgentMetrics metrics, RejectionLog rejections)
{
    /// <summary>Longest pause that a gateway can ask for at a time.</summary>
    private static readonly TimeSpan PauseMax = TimeSpan.FromMinutes(1);

    private readonly ShipOptions _options = options.Ship;
    private readonly Unacknowledged _unacknowledged = new(time);
    private readonly ulong _epoch = queue.EpochToShip;
    private int _batchRecordsMax;
    private int _batchesMax;
    private long _answered;
    private long _pausedFrom;
    private TimeSpan _pause;

    /// <summary>True once the gateway has acknowledged something.</summary>
    public bool HadAcknowledgement { get; private set; }

    /// <summary>
    /// Says hello, and once welcomed sends what the queue holds and receives acknowledgements. Returns when the next records
    /// belong to another epoch, which needs a hello of its own.
    /// </summary>
    /// <param name="invoker">The gateway.</param>
    /// <param name="welcomed">Called when the gateway takes logs.</param>
    /// <param name="cancellation">Ends the stream.</param>
    /// <exception cref="RpcException">The stream failed or was ended by the gateway.</exception>
    /// <exception cref="TimeoutException">The gateway did not answer in time.</exception>
    public async Task RunAsync(CallInvoker invoker, Action welcomed, CancellationToken cancellation)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var call = invoker.AsyncDuplexStreamingCall(ShipFrame.Method, null, new CallOptions(cancellationToken: ended.Token));
        await GreetAsync(call).WaitAsync(_options.AnswerTimeout, time, cancellation);
        welcomed();

        _answered = time.GetTimestamp();
        var receive = ReceiveAsync(call, ended.Token);
        var send = SendAsync(call, ended.Token);
        var watch = WatchAsync(ended.Token);
        var first = await Task.WhenAny(receive, send, watch);

        // Why a stream ended is said where its answers are read; a failed write only says that it did.
        if (first == send && send.IsFaulted)
            await receive.WaitAsync(TimeSpan.FromSeconds(1), time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var cause = receive.IsFaulted ? receive : first;
        await ended.CancelAsync();
        await Task.WhenAll(receive, send, watch).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await cause;
    }

    private async Task GreetAsync(AsyncDuplexStreamingCall<ShipFrame, ShipLogsResponse> call)
    {
        var hello = new Hello { NodeId = options.NodeId, Epoch = _epoch, Version = options.Version };
        foreach (var (name, value) in options.Labels)
            hello.Labels[name] = value;
        await call.RequestStream.WriteAsync(new ShipFrame().Set(hello));

        if (!await call.ResponseStream.MoveNext(CancellationToken.None))
            throw new RpcException(new Status(StatusCode.Unavailable, "The gateway ended the stream without a welcome."));
        if (call.ResponseStream.Current.Welcome is not { } welcome)
            throw new RpcException(new Status(StatusCode.Internal, "The gateway answered a hello with something else than a welcome."));
        _batchRecordsMax = Least(_options.BatchRecordsMax, welcome.MaxBatchRecords);
        _batchesMax = Least(_options.UnacknowledgedBatchesMax, welcome.MaxUnacknowledgedBatches);
    }

    // Zero sets no limit.
    private static int Least(int own, uint asked) => asked == 0 ? own : (int)Math.Min((uint)own, asked);

    private async Task SendAsync(AsyncDuplexStreamingCall<ShipFrame, ShipLogsResponse> call, CancellationToken cancellation)
    {
        using var reader = queue.OpenReader();
        var batch = new QueueBatch();
        var frame = new ShipFrame();
        while (true)
        {
            await WaitAsync(_unacknowledged.Freed, () => _unacknowledged.Count < _batchesMax, cancellation);
            if (_pause - time.GetElapsedTime(Volatile.Read(ref _pausedFrom)) is var pause && pause > TimeSpan.Zero)
            {
                await Task.Delay(pause, time, cancellation);
                continue;
            }

            var added = queue.Added.Arm();
            if (!reader.TryRead(batch, _batchRecordsMax, _options.BatchBytesMax))
            {
                await added.WaitAsync(cancellation);
                continue;
            }

            if (batch.Epoch != _epoch)
            {
                await WaitAsync(_unacknowledged.Freed, () => _unacknowledged.Count == 0, cancellation);
                return;
            }

            if (_unacknowledged.Count == 0)
                Volatile.Write(ref _answered, time.GetTimestamp());
            _unacknowledged.Add(batch);
            await call.RequestStream.WriteAsync(frame.Set(batch), cancellation);
        }
    }

    private async Task ReceiveAsync(AsyncDuplexStreamingCall<ShipFrame, ShipLogsResponse> call, CancellationToken cancellation)
    {
        while (await call.ResponseStream.MoveNext(cancellation))
        {
            Volatile.Write(ref _answered, time.GetTimestamp());
            var response = call.ResponseStream.Current;
            switch (response.MessageCase)
            {
                case ShipLogsResponse.MessageOneofCase.Ack:
                    Acknowledge(response.Ack);
                    break;
                case ShipLogsResponse.MessageOneofCase.Slow:
                    var pause = response.Slow.Pause?.ToTimeSpan() ?? TimeSpan.Zero;
                    _pause = pause < PauseMax ? pause : PauseMax;
                    Volatile.Write(ref _pausedFrom, time.GetTimestamp());
                    break;
                default:
                    break; // A newer gateway may say more than this agent knows.
            }
        }

        throw new RpcException(new Status(StatusCode.Unavailable, "The gateway ended the stream."));
    }

    private void Acknowledge(Ack ack)
    {
        var records = _unacknowledged.Acknowledge(ack.ThroughSequence, out var took) ?? throw new RpcException(new Status(
            StatusCode.Internal, $"The gateway acknowledged record {ack.ThroughSequence}, which was not sent to it."));
        queue.Acknowledge(_epoch, ack.ThroughSequence);
        HadAcknowledgement = true;
        if (took is not null)
            metrics.Answered(took.Value, time.GetUtcNow());
        metrics.Acknowledged(records, (int)Math.Min(ack.Rejected.Count, records));
        foreach (var rejection in ack.Rejected)
            rejections.Note(rejection);
    }

    private async Task WatchAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var left = _options.AnswerTimeout - time.GetElapsedTime(Volatile.Read(ref _answered));
            if (left <= TimeSpan.Zero && _unacknowledged.Count > 0)
                throw new TimeoutException($"The gateway has acknowledged nothing for {_options.AnswerTimeout.TotalSeconds:0} s.");
            await Task.Delay(left > TimeSpan.Zero ? left : _options.AnswerTimeout, time, cancellation);
        }
    }

    private static async Task WaitAsync(Signal signal, Func<bool> condition, CancellationToken cancellation)
    {
        while (true)
        {
            var armed = signal.Arm();
            if (condition())
                return;
            await armed.WaitAsync(cancellation);
        }
    }
}
