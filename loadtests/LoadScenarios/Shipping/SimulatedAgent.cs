using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using LoadScenarios.Targets;
using LoadTesting;
using Streams.Contracts.V1;

namespace LoadScenarios.Shipping;

/// <summary>An agent as the gateway sees it: a connection, a stream, batches with sequence numbers.</summary>
/// <remarks>
/// What was not acknowledged when a stream ends is counted as failed and not sent again, unlike a real agent's: a load test measures how often that
/// happens. The next stream is a new epoch, so that the monitor does not take what was given up for a hole.
/// </remarks>
internal sealed class SimulatedAgent : IDisposable
{
    /// <summary>The service that all records are of.</summary>
    public const string Service = "load";

    private readonly Target _target;
    private readonly LoadOptions _options;
    private readonly LogTexts _texts;
    private readonly Random _random;
    private readonly TimeProvider _time;
    private readonly GrpcChannel _channel;
    private readonly Ingest.IngestClient _client;
    private readonly SemaphoreSlim _turn = new(1);
    private readonly ShipLogsRequest _request = new() { Batch = new LogBatch() };
    private ShipStream? _stream;
    private ulong _nextEpoch;
    private (long At, RpcException Why)? _refused;

    public SimulatedAgent(string nodeId, ulong firstEpoch, Target target, LoadOptions options, LogTexts texts, Random random, TimeProvider time)
    {
        (_target, _options, _texts, _random, _time, _nextEpoch) = (target, options, texts, random, time, firstEpoch);
        Ledger = new AgentLedger(nodeId);
        _channel = target.Open();
        _client = new Ingest.IngestClient(_channel);
        for (var i = 0; i < options.Ingest.Batch; i++)
            _request.Batch.Records.Add(new LogRecord { Service = Service, Source = Service });
    }

    public AgentLedger Ledger { get; }

    /// <summary>Opens the stream.</summary>
    /// <returns>Records that the gateway takes in a batch.</returns>
    /// <exception cref="RpcException">The gateway is not there, or does not welcome this agent.</exception>
    public async Task<int> ConnectAsync(CancellationToken cancellation)
    {
        _stream = await OpenAsync(cancellation).ConfigureAwait(false);
        return _stream.BatchRecordsMax;
    }

    /// <summary>Sends a batch and waits until it is acknowledged.</summary>
    public async Task<Response> ShipAsync(CancellationToken cancellation)
    {
        var began = _time.GetTimestamp();
        ShipStream? stream = null;
        try
        {
            (stream, var sent, var bytes) = await SendAsync(began, cancellation).ConfigureAwait(false);
            var left = _options.Timeout - _time.GetElapsedTime(began);
            var (rejected, reason) = await sent.Answer.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, _time, cancellation).ConfigureAwait(false);
            return rejected == 0 ? Response.Ok(sizeBytes: bytes) : Response.Fail("rejected", reason, bytes);
        }
        catch (RpcException e)
        {
            return Target.Failure(e);
        }
        catch (TimeoutException)
        {
            // As an agent does that hears nothing: this stream is given up, and the next batch tries a new one.
            stream?.End(new Status(StatusCode.DeadlineExceeded, $"Nothing was acknowledged for {_options.Timeout.TotalSeconds:0.#} s."));
            return Response.Fail("timeout", $"Not acknowledged within {_options.Timeout.TotalSeconds:0.#} s.");
        }
    }

    public void Dispose()
    {
        _stream?.Dispose();
        _channel.Dispose();
        _turn.Dispose();
    }

    private async Task<(ShipStream Stream, SentBatch Sent, int Bytes)> SendAsync(long began, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (_stream is not { HasEnded: false } stream)
                stream = await ReconnectAsync(began, cancellation).ConfigureAwait(false);

            var now = Timestamp.FromDateTimeOffset(_time.GetUtcNow());
            foreach (var record in _request.Batch.Records)
            {
                record.Time = now;
                _texts.Fill(record, _random);
            }

            var sent = await stream.SendAsync(_request, cancellation).ConfigureAwait(false);
            return (stream, sent, _request.CalculateSize());
        }
        finally
        {
            _turn.Release();
        }
    }

    // Those that waited while somebody else was turned away are turned away too: each trying for itself would queue for ever.
    private async Task<ShipStream> ReconnectAsync(long began, CancellationToken cancellation)
    {
        if (_refused is { } refused && refused.At >= began)
            throw new RpcException(refused.Why.Status);
        _stream?.Dispose();
        _stream = null;
        try
        {
            return _stream = await OpenAsync(cancellation).ConfigureAwait(false);
        }
        catch (RpcException e)
        {
            _refused = (_time.GetTimestamp(), e);
            throw;
        }
        catch (TimeoutException)
        {
            var silent = new RpcException(new Status(StatusCode.DeadlineExceeded, $"The gateway did not welcome this agent within {_options.Timeout.TotalSeconds:0.#} s."));
            _refused = (_time.GetTimestamp(), silent);
            throw silent;
        }
    }

    private Task<ShipStream> OpenAsync(CancellationToken cancellation) =>
        ShipStream.OpenAsync(_client, _target, Ledger, _nextEpoch++, _options.Timeout, _time, cancellation);
}
