using System.Text;
using Gateway.Forwarding;
using Gateway.Writing;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Kafka;
using Streams.Contracts.V1;

namespace Gateway.Ingest;

/// <summary>One agent's stream of logs, from its hello on.</summary>
/// <remarks>
/// A batch's sequence is acknowledged once Kafka holds every record up to it that was not rejected. Sequences only go forward within
/// a stream, so the order in which an agent sends is the order in which Kafka holds its records.
/// </remarks>
internal sealed class LogStream : IDisposable
{
    private readonly Hello _hello;
    private readonly GatewayOptions _options;
    private readonly GatewayMetrics _metrics;
    private readonly Forwarder _forwarder;
    private readonly TimeProvider _time;
    private readonly IAsyncStreamReader<ShipLogsRequest> _requests;
    private readonly IServerStreamWriter<ShipLogsResponse> _responses;
    private readonly SemaphoreSlim _oneWriter = new(1);
    private readonly RecordRules _rules;
    private readonly RatePacer _pacer;
    private readonly byte[] _key;
    private readonly List<SizedMessage> _accepted = [];
    private ulong _through;
    private int _inFlight;

    public LogStream(
        Hello hello,
        WriterSession session,
        Forwarder forwarder,
        IAsyncStreamReader<ShipLogsRequest> requests,
        IServerStreamWriter<ShipLogsResponse> responses,
        GatewayOptions options,
        GatewayMetrics metrics,
        TimeProvider time)
    {
        (_hello, Session, _forwarder, _requests, _responses, _options, _metrics, _time) = (hello, session, forwarder, requests, responses, options, metrics, time);
        _rules = new RecordRules(hello.NodeId, hello.Epoch, options.Limits.RecordBytesMax);
        _pacer = new RatePacer(options.Limits.RecordsPerSecondMax, time);
        _key = Encoding.UTF8.GetBytes(hello.NodeId);
        Acks = new AckQueue<Batch>(options.Limits.UnacknowledgedBatchesMax, new Settlement(options.AcknowledgeTimeout, time), time, AcknowledgeAsync);
    }

    /// <summary>The producer that all of this stream's records go through.</summary>
    public WriterSession Session { get; }

    /// <summary>What is sent to Kafka and not acknowledged.</summary>
    public AckQueue<Batch> Acks { get; }

    /// <summary>Reads batches and hands their records to Kafka, until the agent is done.</summary>
    /// <exception cref="RpcException">The agent broke the stream's rules.</exception>
    /// <exception cref="KafkaException">Kafka takes no more records.</exception>
    public async Task ReadAsync(CancellationToken cancellation)
    {
        while (true)
        {
            // The place comes first: what cannot be in flight is not read.
            _metrics.NotRead(await Acks.TakePlaceAsync(cancellation).ConfigureAwait(false));
            if (!await _requests.MoveNext(cancellation).ConfigureAwait(false))
                return;

            if (_requests.Current.MessageCase != ShipLogsRequest.MessageOneofCase.Batch)
                throw Broken($"After the hello come batches; this message holds {_requests.Current.MessageCase}.");
            var batch = _requests.Current.Batch;
            await TakeAsync(batch, cancellation).ConfigureAwait(false);

            // What an agent sends lies here already when the processors are short, and would be read to its end: 16 batches of each of a hundred agents
            // before anyone else's turn, the broker's among them, where it runs in this process.
            await Turn.EndAsync();

            if (_pacer.Take(batch.Records.Count) is var pause && pause > TimeSpan.Zero)
                await SlowDownAsync(pause, cancellation).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _metrics.BatchFailed(_inFlight);
        Acks.Dispose();
        _oneWriter.Dispose();
    }

    private async Task TakeAsync(LogBatch batch, CancellationToken cancellation)
    {
        Check(batch);
        var receivedAt = _time.GetTimestamp();
        var now = _time.GetUtcNow();
        var observed = Timestamp.FromDateTimeOffset(now);
        var timestampMs = now.ToUnixTimeMilliseconds();
        var delivery = new Delivery();
        var receipt = _forwarder.NewReceipt();
        var taken = new Batch(batch.FirstSequence + (ulong)batch.Records.Count - 1, batch.Records.Count);
        _metrics.BatchReceived(taken.Records);
        Interlocked.Add(ref _inFlight, taken.Records);

        _accepted.Clear();
        for (var i = 0; i < batch.Records.Count; i++)
        {
            var record = batch.Records[i];
            var sequence = batch.FirstSequence + (ulong)i;
            _rules.Complete(record, sequence);
            record.Observed = observed;
            var bytes = record.CalculateSize();
            if (_rules.Judge(record, sequence, bytes) is { } refusal)
            {
                taken.Reject(sequence, refusal);
                continue;
            }

            _accepted.Add(new SizedMessage(record, bytes));
            taken.Tally.Add(record.Severity, bytes);
        }

        var start = _time.GetTimestamp();
        await Session.AppendAsync(_options.Topics.Logs, _key, _accepted, timestampMs, delivery, cancellation).ConfigureAwait(false);
        await _forwarder.ForwardAsync(_accepted, receipt, cancellation).ConfigureAwait(false);
        _metrics.NotRead(_time.GetElapsedTime(start));
        _through = taken.Through;
        Acks.Add(taken, delivery, receipt, receivedAt);
    }

    private void Check(LogBatch batch)
    {
        if (batch.Records.Count == 0)
            throw Broken($"The batch at sequence {batch.FirstSequence} is empty.");
        if (batch.Records.Count > _options.Limits.BatchRecordsMax)
            throw Broken($"The batch at sequence {batch.FirstSequence} has {batch.Records.Count} records; the welcome allowed {_options.Limits.BatchRecordsMax}.");
        if (batch.FirstSequence <= _through)
        {
            throw Broken(batch.FirstSequence == 0
                ? "The batch has no first_sequence; sequences start at 1."
                : $"The batch starts at sequence {batch.FirstSequence} after {_through} on the same stream; a stream goes forward, and what is to be sent again goes on a new one.");
        }

        if (batch.FirstSequence > ulong.MaxValue - (ulong)batch.Records.Count)
            throw Broken($"The batch starts at sequence {batch.FirstSequence} and would end above the largest there is.");
    }

    private async Task AcknowledgeAsync(Batch batch, TimeSpan duration)
    {
        var ack = new Ack { ThroughSequence = batch.Through };
        ack.Rejected.AddRange(batch.Rejections);
        await RespondAsync(new ShipLogsResponse { Ack = ack }).ConfigureAwait(false);

        Interlocked.Add(ref _inFlight, -batch.Records);
        _metrics.BatchLeft(batch.Records);
        _metrics.BatchAcknowledged(batch.Tally, duration);
        foreach (var (cause, records) in batch.Causes)
            _metrics.Rejected(cause, records);
    }

    private async Task SlowDownAsync(TimeSpan pause, CancellationToken cancellation)
    {
        await RespondAsync(new ShipLogsResponse { Slow = new Slow { Pause = Duration.FromTimeSpan(pause) } }).ConfigureAwait(false);
        await Task.Delay(pause, _time, cancellation).ConfigureAwait(false);
    }

    // Acknowledgements and requests to slow down come from two loops; the stream takes one message at a time.
    private async Task RespondAsync(ShipLogsResponse response)
    {
        await _oneWriter.WaitAsync().ConfigureAwait(false);
        try
        {
            await _responses.WriteAsync(response).ConfigureAwait(false);
        }
        finally
        {
            _oneWriter.Release();
        }
    }

    private static RpcException Broken(string detail) => new(new Status(StatusCode.InvalidArgument, detail));

    /// <summary>A batch on its way.</summary>
    internal sealed class Batch(ulong through, int records)
    {
        public ulong Through => through;

        public int Records => records;

        public BatchTally Tally { get; } = new();

        public List<Rejection> Rejections { get; } = [];

        public Dictionary<string, int> Causes { get; } = [];

        public void Reject(ulong sequence, Refusal refusal)
        {
            Rejections.Add(new Rejection { Sequence = sequence, Reason = refusal.Reason });
            Causes[refusal.Cause] = Causes.GetValueOrDefault(refusal.Cause) + 1;
        }
    }
}
