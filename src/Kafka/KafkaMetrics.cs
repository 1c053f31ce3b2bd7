using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Kafka.OnConfluent;

namespace Kafka;

/// <summary>What producers and consumers tell of themselves: the meter <c>Streams.Kafka</c>. Most of it is observed, so that a record costs one addition.</summary>
internal sealed class KafkaMetrics
{
    private readonly ConcurrentDictionary<string, TopicTally> _sent = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<InFlight, bool> _producers = new();
    private readonly ConcurrentDictionary<GroupWatch, bool> _consumers = new();
    private readonly ConcurrentDictionary<BrokerWatch, bool> _clients = new();
    private readonly Histogram<double> _acknowledged;
    private readonly Counter<long> _rebalances;

    public KafkaMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Streams.Kafka");
        meter.CreateObservableCounter("streams.kafka.producer.records", Sent, "{record}", "Records that Kafka answered for, by topic and result.");
        meter.CreateObservableGauge("streams.kafka.producer.queue.records", () => _producers.Keys.Sum(producer => (long)producer.Count), "{record}", "Records sent and not answered for.");
        meter.CreateObservableGauge("streams.kafka.producer.queue.bytes", () => _producers.Keys.Sum(producer => producer.Bytes), "By", "Bytes sent and not answered for.");
        meter.CreateObservableGauge("streams.kafka.producer.queue.limit", () => _producers.Keys.Sum(producer => producer.BytesMax), "By", "Bytes at which producers make their callers wait.");
        _acknowledged = meter.CreateHistogram<double>("streams.kafka.producer.ack.duration", "s", "Time from sending a record to Kafka's acknowledgement, retries included; one record at a time is timed.");
        meter.CreateObservableGauge("streams.kafka.consumer.lag", () => Partitions(p => p.Lag), "{record}", "Records in a partition behind the group's committed position, or behind what was read where nothing is committed.");
        meter.CreateObservableGauge("streams.kafka.consumer.lag.seconds", LagTimes, "s", "How old the record read last is, where there are more behind it; 0 where there are none. By topic, the oldest.");
        meter.CreateObservableGauge("streams.kafka.consumer.committed.offset", () => Partitions(p => p.Committed), "{offset}", "The group's committed position.");
        meter.CreateObservableGauge("streams.kafka.consumer.assigned.partitions", () => _consumers.Keys.Sum(consumer => consumer.Assigned), "{partition}", "Partitions that this process reads for its groups.");
        _rebalances = meter.CreateCounter<long>("streams.kafka.rebalances", "{rebalance}", "Assignments that a group gave this process.");
        meter.CreateObservableGauge("streams.kafka.broker.connected", () => Brokers(broker => broker.IsUp ? 1.0 : 0), description: "1 while a client is connected to the broker.");
        meter.CreateObservableGauge("streams.kafka.broker.rtt", () => Brokers(broker => broker.RoundTrip?.TotalSeconds), "s", "A broker's mean time to answer, of the last five seconds.");
        _rebalances.Add(0);
    }

    /// <summary>Where the records of a topic are counted, whichever producer sends them.</summary>
    public TopicTally TallyOf(string topic) => _sent.GetOrAdd(topic, static name => new TopicTally(name));

    public void Acknowledged(TimeSpan took) => _acknowledged.Record(took.TotalSeconds);

    public void Rebalanced() => _rebalances.Add(1);

    public void Add(InFlight producer) => _producers[producer] = true;

    public void Add(GroupWatch consumer) => _consumers[consumer] = true;

    public void Add(BrokerWatch client) => _clients[client] = true;

    public void Remove(InFlight producer) => _producers.TryRemove(producer, out _);

    public void Remove(GroupWatch consumer) => _consumers.TryRemove(consumer, out _);

    public void Remove(BrokerWatch client) => _clients.TryRemove(client, out _);

    private IEnumerable<Measurement<long>> Sent()
    {
        foreach (var tally in _sent.Values)
        {
            yield return new(tally.Acknowledged, new("topic", tally.Topic), new("result", "acknowledged"));
            yield return new(tally.Failed, new("topic", tally.Topic), new("result", "failed"));
        }
    }

    private IEnumerable<Measurement<long>> Partitions(Func<PartitionView, long?> value) =>
        from consumer in _consumers.Keys
        from partition in consumer.Partitions
        let number = value(partition)
        where number is not null
        select new Measurement<long>(number.Value, new("topic", partition.Partition.Topic), new("partition", partition.Partition.Partition));

    private IEnumerable<Measurement<double>> LagTimes() =>
        from consumer in _consumers.Keys
        from partition in consumer.Partitions
        group partition.LagTime.TotalSeconds by partition.Partition.Topic into topic
        select new Measurement<double>(topic.Max(), new KeyValuePair<string, object?>("topic", topic.Key));

    private IEnumerable<Measurement<double>> Brokers(Func<BrokerView, double?> value) =>
        from client in _clients.Keys
        from broker in client.Brokers
        let number = value(broker)
        where number is not null
        select new Measurement<double>(number.Value, new("broker", broker.Address), new("client", client.Kind));
}

/// <summary>Records of one topic that Kafka answered for. Added to from any thread.</summary>
internal sealed class TopicTally(string topic)
{
    private long _acknowledged;
    private long _failed;

    public string Topic => topic;

    public long Acknowledged => Volatile.Read(ref _acknowledged);

    public long Failed => Volatile.Read(ref _failed);

    public void Acknowledge() => Interlocked.Increment(ref _acknowledged);

    public void Fail() => Interlocked.Increment(ref _failed);
}
