using Kafka;

namespace Gateway.Writing;

/// <summary>The gateway's way into Kafka: one producer for all streams, made anew when it is beyond use.</summary>
/// <remarks>
/// A stream writes through one <see cref="WriterSession"/> from its first record to its last. Were it to go on with a new producer
/// after the old one failed, a later record could come to be in Kafka without an earlier one of the same node; the monitor would take
/// the earlier one, sent again, for seen.
/// </remarks>
internal sealed class KafkaWriter(ILogClient kafka, GatewayOptions options) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly HashSet<Task> _closing = [];
    private WriterSession? _session;

    /// <summary>The session for a new stream.</summary>
    public WriterSession Session
    {
        get
        {
            lock (_gate)
                return _session ??= Open();
        }
    }

    /// <summary>Lets a session go whose producer is beyond use. New streams get another; those that have it end.</summary>
    public void Retire(WriterSession session)
    {
        lock (_gate)
        {
            if (_session != session)
                return;

            _session = null;
            var closing = session.DisposeAsync().AsTask();
            _closing.Add(closing);
            _closing.RemoveWhere(task => task.IsCompletedSuccessfully);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Task[] closing;
        WriterSession? session;
        lock (_gate)
        {
            (session, _session) = (_session, null);
            closing = [.. _closing];
        }

        await Task.WhenAll(closing).ConfigureAwait(false);
        if (session is not null)
            await session.DisposeAsync().ConfigureAwait(false);
    }

    // Nothing is given up by time: a stream that waits too long ends, and its agent sends again, but what is queued here stays in
    // order. A refusal for good stops everything behind it. Either way Kafka never holds a record without those before it.
    private WriterSession Open() => new(kafka.CreateProducer(new ProducerSettings
    {
        BufferBytesMax = Math.Max(options.Limits.BufferBytesMax, options.Limits.RecordBytesMax * 2L),
        RecordBytesMax = Math.Max(1 << 20, options.Limits.RecordBytesMax + 1024),
        DeliveryTimeout = Timeout.InfiniteTimeSpan,
        StopAtGap = true,
    }));
}
