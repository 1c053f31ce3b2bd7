using System.Diagnostics.Metrics;

namespace Monitor.LogStore.OnElasticsearch;

/// <summary>What goes to Elasticsearch, counted per bulk request.</summary>
internal sealed class SinkMetrics
{
    private static readonly KeyValuePair<string, object?> Sink = new("sink", "elasticsearch");

    private readonly Counter<long> _records;
    private readonly Counter<long> _repetitions;
    private readonly Histogram<double> _duration;
    private long _queued;
    private long _capacity;
    private double _lastSuccess;

    public SinkMetrics(Meter meter)
    {
        _records = meter.CreateCounter<long>(
            "streams.monitor.sink.records", "{record}", "Documents that the sink is done with, by what became of them: created, replaced, present, rejected.");
        _repetitions = meter.CreateCounter<long>("streams.monitor.sink.repetitions", "{request}", "Times that a request, or what was left of it, was sent again.");
        _duration = meter.CreateHistogram<double>("streams.monitor.sink.duration", "s", "Time from a full request to its acceptance, repetitions included.");
        meter.CreateObservableGauge("streams.monitor.sink.queue.records", () => Measured(Interlocked.Read(ref _queued)), "{record}", "Documents that wait for acceptance.");
        meter.CreateObservableGauge("streams.monitor.sink.queue.capacity.records", () => Measured(Interlocked.Read(ref _capacity)), "{record}", "Documents that may wait before reading from Kafka does.");
        meter.CreateObservableGauge(
            "streams.monitor.sink.last_success.timestamp",
            () => Volatile.Read(ref _lastSuccess) is > 0 and var at ? [new Measurement<double>(at, Sink)] : Array.Empty<Measurement<double>>(),
            "s",
            "When a request was accepted last, seconds since 1970-01-01 UTC.");
    }

    public void Capacity(long records) => Interlocked.Exchange(ref _capacity, records);

    public void Queued(long change) => Interlocked.Add(ref _queued, change);

    public void Accepted(TimeSpan duration, DateTimeOffset now)
    {
        _duration.Record(duration.TotalSeconds, Sink);
        Volatile.Write(ref _lastSuccess, now.ToUnixTimeMilliseconds() / 1e3);
    }

    public void Done(global::Elasticsearch.BulkOutcome outcome)
    {
        Count("created", outcome.Created);
        Count("replaced", outcome.Replaced);
        Count("present", outcome.Present);
        Count("rejected", outcome.Rejections.Count);
        if (outcome.Repetitions > 0)
            _repetitions.Add(outcome.Repetitions, Sink);
    }

    private void Count(string result, int records)
    {
        if (records > 0)
            _records.Add(records, Sink, new KeyValuePair<string, object?>("result", result));
    }

    private Measurement<long>[] Measured(long value) => Interlocked.Read(ref _capacity) == 0 ? [] : [new(value, Sink)];
}
