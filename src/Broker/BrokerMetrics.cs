using System.Diagnostics.Metrics;

namespace Broker;

/// <summary>What the broker counts, per batch and per request, under the meter <c>Streams.Broker</c>.</summary>
internal sealed class BrokerMetrics : IDisposable
{
    public const string MeterName = "Streams.Broker";

    private readonly Meter _meter;
    private readonly Counter<long> _appendedRecords;
    private readonly Counter<long> _appendedBytes;
    private readonly Counter<long> _duplicates;
    private readonly Counter<long> _rejectedBatches;
    private readonly Counter<long> _fetchedBytes;
    private readonly Histogram<double> _flushes;
    private readonly Histogram<double> _requests;
    private readonly Counter<long> _malformed;
    private readonly Counter<long> _refusedConnections;
    private readonly Counter<long> _deletedSegments;
    private readonly UpDownCounter<long> _connections;

    public BrokerMetrics(IMeterFactory? meters = null)
    {
        _meter = meters?.Create(MeterName) ?? new Meter(MeterName);
        _appendedRecords = _meter.CreateCounter<long>("streams.broker.appended.records", "{record}", "Records appended.");
        _appendedBytes = _meter.CreateCounter<long>("streams.broker.appended.bytes", "By", "Bytes of batches appended.");
        _duplicates = _meter.CreateCounter<long>("streams.broker.duplicate.batches", "{batch}", "Batches sent again by idempotent producers and not appended twice.");
        _rejectedBatches = _meter.CreateCounter<long>("streams.broker.rejected.batches", "{batch}", "Batches refused, by Kafka's name of the error.");
        _fetchedBytes = _meter.CreateCounter<long>("streams.broker.fetched.bytes", "By", "Bytes of batches handed to consumers.");
        _flushes = _meter.CreateHistogram<double>("streams.broker.flush.seconds", "s", "Time of one group of fsyncs.");
        _requests = _meter.CreateHistogram<double>("streams.broker.request.seconds", "s", "Time to answer a request, waiting included, by API.");
        _malformed = _meter.CreateCounter<long>("streams.broker.malformed.requests", "{request}", "Requests that could not be read; each ended its connection.");
        _refusedConnections = _meter.CreateCounter<long>("streams.broker.refused.connections", "{connection}", "Connections refused at the limit.");
        _deletedSegments = _meter.CreateCounter<long>("streams.broker.deleted.segments", "{segment}", "Segments that outlived their retention.");
        _connections = _meter.CreateUpDownCounter<long>("streams.broker.connections", "{connection}", "Open connections.");
        foreach (var counter in new[] { _appendedRecords, _appendedBytes, _duplicates, _fetchedBytes, _malformed, _refusedConnections, _deletedSegments })
            counter.Add(0);
    }

    public void Appended(int records, int bytes)
    {
        _appendedRecords.Add(records);
        _appendedBytes.Add(bytes);
    }

    public void DuplicateBatch() => _duplicates.Add(1);

    public void Rejected(string error) => _rejectedBatches.Add(1, new KeyValuePair<string, object?>("error", error));

    public void Fetched(int bytes) => _fetchedBytes.Add(bytes);

    public void Flushed(TimeSpan took) => _flushes.Record(took.TotalSeconds);

    public void Answered(string api, TimeSpan took) => _requests.Record(took.TotalSeconds, new KeyValuePair<string, object?>("api", api));

    public void MalformedRequest() => _malformed.Add(1);

    public void RefusedConnection() => _refusedConnections.Add(1);

    public void DeletedSegments(int count) => _deletedSegments.Add(count);

    public void ConnectionOpened() => _connections.Add(1);

    public void ConnectionClosed() => _connections.Add(-1);

    /// <summary>Has <paramref name="partitions"/> asked for the number of partitions whenever someone reads it.</summary>
    public void ObservePartitions(Func<int> partitions) =>
        _meter.CreateObservableGauge("streams.broker.partitions", partitions, "{partition}", "Partitions of all topics.");

    public void Dispose() => _meter.Dispose();
}
