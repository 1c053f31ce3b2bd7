using System.Diagnostics.CodeAnalysis;
using Kafka;

namespace Streams.TestKit;

/// <summary>Keeps what the topology produces: per topic for the test to read, and in order for the topics that the topology itself reads.</summary>
internal sealed class DriverProducer : ILogProducer
{
    private readonly Dictionary<string, CapturedTopic> _topics = [];
    private readonly HashSet<string> _produced = [];
    private readonly HashSet<string> _looped = [];
    private readonly Queue<(string Topic, CapturedRecord Record)> _waiting = new();

    // A test asks for few topics; most records go to the one before.
    private string? _lastName;
    private CapturedTopic? _last;
    private bool _lastLooped;

    public IReadOnlyCollection<string> Topics => _produced;

    /// <summary>Told of each record, over all topics in the order of production.</summary>
    public Action<string, CapturedRecord>? OnProduced { get; set; }

    /// <summary>Whether records that nobody in the topology reads are dropped at once.</summary>
    public bool Forgets { get; set; }

    public CapturedTopic Topic(string name)
    {
        if (!_topics.TryGetValue(name, out var topic))
            _topics.Add(name, topic = new(name));
        return topic;
    }

    public void LoopBack(string topic) => _looped.Add(topic);

    public bool TryTakeLooped([NotNullWhen(true)] out string? topic, out CapturedRecord record)
    {
        (topic, record) = (null, default);
        if (!_waiting.TryDequeue(out var next))
            return false;

        (topic, record) = next;
        return true;
    }

    public bool TryAppend(scoped in OutgoingRecord record, Delivery? delivery = null)
    {
        if (!ReferenceEquals(record.Topic, _lastName))
        {
            (_lastName, _last, _lastLooped) = (record.Topic, Topic(record.Topic), _looped.Contains(record.Topic));
            _produced.Add(record.Topic);
        }

        if (Forgets && !_lastLooped)
            return Acknowledge(delivery);

        var captured = _last!.Append(in record);
        OnProduced?.Invoke(record.Topic, captured);
        if (_lastLooped)
            _waiting.Enqueue((record.Topic, captured));
        return Acknowledge(delivery);
    }

    public ValueTask WaitForRoomAsync(CancellationToken cancellation) => ValueTask.CompletedTask;

    public Task FlushAsync(CancellationToken cancellation) => Task.CompletedTask;

    public long? AcknowledgedEnd(TopicPartition partition) => null;

    public int PartitionCount(string topic) => 1;

    public Task InitTransactionsAsync(CancellationToken cancellation) => Task.CompletedTask;

    public void BeginTransaction()
    {
    }

    public Task SendOffsetsToTransactionAsync(
        IReadOnlyCollection<CommittedOffset> offsets, ILogConsumer consumer, CancellationToken cancellation) => Task.CompletedTask;

    public Task CommitTransactionAsync(CancellationToken cancellation) => Task.CompletedTask;

    public Task AbortTransactionAsync(CancellationToken cancellation) => Task.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static bool Acknowledge(Delivery? delivery)
    {
        if (delivery is not null)
        {
            delivery.Add();
            delivery.Acknowledge();
        }

        return true;
    }
}
