using Grpc.Core;
using Streams.Contracts.V1;

namespace Gateway.Tests.Writing;

/// <summary>A stream of which everything has arrived before it is read, and whose answers are taken at once.</summary>
internal sealed class ReadyBatches(int batches, int records) : IAsyncStreamReader<ShipLogsRequest>, IServerStreamWriter<ShipLogsResponse>
{
    private ulong _sequence = 1;

    public ShipLogsRequest Current { get; private set; } = new();

    public WriteOptions? WriteOptions { get; set; }

    /// <summary>How many batches were asked for on the thread of <see cref="CallingThread"/> before it had its task.</summary>
    public int AskedForInTheCall { get; private set; }

    public Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        if (CallingThread.IsThis)
            AskedForInTheCall++;
        if (_sequence > (ulong)(batches * records))
            return Task.FromResult(false);

        Current = new() { Batch = new() { FirstSequence = _sequence } };
        for (var i = 0; i < records; i++)
            Current.Batch.Records.Add(new LogRecord { Message = $"{_sequence++:000}", Severity = Severity.Info });
        return Task.FromResult(true);
    }

    public Task WriteAsync(ShipLogsResponse message) => Task.CompletedTask;
}
