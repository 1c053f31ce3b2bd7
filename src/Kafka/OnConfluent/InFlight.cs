using Rd = Confluent.Kafka;

namespace Kafka.OnConfluent;

/// <summary>A producer's records on their way: bounds their bytes, tells their deliveries, and knows when a flush is over.</summary>
/// <remarks>
/// Thread-safe. Records are taken by the appending thread and completed by the library's. Callers' tasks are completed outside the
/// lock and never run inline.
/// </remarks>
internal sealed class InFlight(long bytesMax, ClientLog log, TimeProvider time, KafkaMetrics? metrics = null)
{
    /// <summary>What a record costs beside its own bytes: librdkafka's message and our bookkeeping.</summary>
    public const int RecordOverheadBytes = 128;

    private readonly Lock _gate = new();
    private readonly Stack<PendingRecord> _free = new();
    private readonly List<PendingRecord> _all = [];
    private Flight _flight = new(Task.CompletedTask);
    private TaskCompletionSource? _room;
    private volatile KafkaException? _fatal;
    private KafkaException? _untracked;
    private long _bytes;

    // One record at a time is timed: a sample that costs the others nothing.
    private bool _isTiming;

    // What the last refused record needed: room for less is no reason to try again.
    private long _refused;

    /// <summary>How many records are on their way.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _all.Count - _free.Count;
        }
    }

    /// <summary>How many bytes are on their way.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>The bound.</summary>
    public long BytesMax => bytesMax;

    /// <summary>Takes a record in; null at the bound. One record is always taken, however large.</summary>
    public PendingRecord? TryTake(long bytes, string topic, Delivery? delivery, PartitionEnd? end = null, TopicTally? tally = null)
    {
        lock (_gate)
        {
            if (_bytes > 0 && _bytes + bytes > bytesMax)
            {
                _refused = bytes;
                return null;
            }

            if (!_free.TryPop(out var record))
                _all.Add(record = new PendingRecord(this));
            _bytes += bytes;
            _flight.Open++;
            (record.Open, record.Bytes, record.Topic, record.Delivery, record.End, record.Flight) = (true, bytes, topic, delivery, end, _flight);
            record.Tally = tally;
            if (metrics is not null && !_isTiming)
                (_isTiming, record.TimedFrom) = (true, time.GetTimestamp());
            record.Index = delivery?.Add() ?? 0;
            return record;
        }
    }

    /// <summary>The library did not take the record after all.</summary>
    public void PutBack(PendingRecord record)
    {
        record.Delivery?.Withdraw();
        Release(record, error: null, tell: false);
    }

    /// <summary>The library's own buffer was full, with less in it than we count: wait for some of it to leave.</summary>
    public void RefusedByLibrary()
    {
        lock (_gate)
            _refused = Math.Max(_refused, bytesMax - _bytes + 1);
    }

    /// <summary>Kafka, or the library in its name, answered for a record.</summary>
    public void Complete(PendingRecord record, Rd.Error error, long offset)
    {
        // Before the flight lands: whoever waits for it may ask for the end.
        if (!error.IsError)
            record.End?.Acknowledge(offset);
        Release(record, error.IsError ? FailureOf(record, error) : null, tell: true);
    }

    /// <summary>The producer is beyond use: what is purged from here on failed because of this.</summary>
    public void BecomeFatal(KafkaException error) => _fatal = error;

    /// <summary>Throws what made the producer useless, if anything did.</summary>
    public void ThrowIfFatal()
    {
        if (_fatal is { } fatal)
            throw new KafkaException(fatal.Kind, fatal.Code, fatal.Message, fatal);
    }

    /// <summary>Fails everything on its way. Only once the library cannot answer any more.</summary>
    /// <returns>How many records there were.</returns>
    public int FailAll(KafkaException error)
    {
        PendingRecord[] open;
        lock (_gate)
            open = [.. _all.Where(r => r.Open)];
        foreach (var record in open)
            Release(record, error, tell: true);
        return open.Length;
    }

    /// <summary>Completes when the record refused last would be taken.</summary>
    public ValueTask WaitForRoomAsync(CancellationToken cancellation)
    {
        Task room;
        lock (_gate)
        {
            if (HasRoom)
                return default;
            room = (_room ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }

        return new ValueTask(room.WaitAsync(cancellation));
    }

    /// <summary>Ends the current flight.</summary>
    /// <returns>Completes when everything taken so far is answered.</returns>
    public Task SealFlight()
    {
        Flight flight;
        bool landed;
        lock (_gate)
        {
            flight = _flight;
            flight.Sealed = true;
            landed = flight.Open == 0;
            _flight = new Flight(flight.Whole);
        }

        if (landed)
            flight.Land();
        return flight.Whole;
    }

    /// <summary>The first failure of a record without a delivery since the last call; null for none.</summary>
    public KafkaException? TakeUntrackedFailure()
    {
        lock (_gate)
        {
            var failure = _untracked;
            _untracked = null;
            return failure;
        }
    }

    private void Measure(TopicTally? tally, long timedFrom, KafkaException? error)
    {
        if (error is not null)
        {
            tally?.Fail();
            return;
        }

        tally?.Acknowledge();
        if (timedFrom != 0)
            metrics?.Acknowledged(time.GetElapsedTime(timedFrom));
    }

    // An eighth of the bound is waited for, so that a sender at the bound wakes for a run of records and not for each.
    private bool HasRoom => _bytes == 0 || _bytes <= Math.Min(bytesMax - _refused, bytesMax - bytesMax / 8);

    private KafkaException FailureOf(PendingRecord record, Rd.Error error) =>
        error.Code is Rd.ErrorCode.Local_PurgeQueue or Rd.ErrorCode.Local_PurgeInflight && _fatal is { } fatal
            ? fatal
            : KafkaErrors.From(error, $"A record for topic {record.Topic} was not delivered", log.LastTrouble);

    private void Release(PendingRecord record, KafkaException? error, bool tell)
    {
        TaskCompletionSource? room = null;
        Delivery? delivery;
        Flight flight;
        TopicTally? tally;
        int index;
        long timedFrom;
        bool landed;
        lock (_gate)
        {
            if (!record.Open)
                return;

            (delivery, flight, index, tally, timedFrom) = (record.Delivery, record.Flight!, record.Index, record.Tally, record.TimedFrom);
            (record.Open, record.Delivery, record.End, record.Flight, record.Tally, record.TimedFrom) = (false, null, null, null, null, 0);
            if (timedFrom != 0)
                _isTiming = false;
            if (delivery is null && error is not null)
                _untracked ??= error;

            _bytes -= record.Bytes;
            _free.Push(record);
            landed = --flight.Open == 0 && flight.Sealed;
            if (_room is not null && HasRoom)
            {
                room = _room;
                (_room, _refused) = (null, 0);
            }
        }

        if (tell)
            Measure(tally, timedFrom, error);
        if (tell && delivery is not null)
        {
            if (error is null)
                delivery.Acknowledge();
            else
                delivery.Fail(index, error);
        }

        if (landed)
            flight.Land();
        room?.TrySetResult();
    }
}
