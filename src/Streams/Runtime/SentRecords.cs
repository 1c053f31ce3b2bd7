using Kafka;
using Streams.Processing;

namespace Streams.Runtime;

/// <summary>
/// Records that the producer has and Kafka has not answered for, each with the node and the input record it came from: so that a refusal can
/// name them. At most <see cref="Limit"/>; then whoever sends waits for their answers.
/// </summary>
/// <param name="keepBytes">Whether to keep keys and values, too: a handler may want them sent again.</param>
internal sealed class SentRecords(bool keepBytes)
{
    /// <summary>Records on their way at most.</summary>
    public const int Limit = 16_384;

    private readonly List<SentRecord> _records = [];

    public bool IsEmpty => _records.Count == 0;

    public bool IsFull => _records.Count >= Limit;

    /// <summary>Told by the producer how the records that are added now fare.</summary>
    public Delivery Delivery { get; private set; } = new();

    public void Add(scoped in OutgoingRecord record, TaskContext context, string node) =>
        _records.Add(SentRecord.Of(in record, context, node, keepBytes));

    /// <summary>Waits for the answers.</summary>
    /// <returns>The records that failed.</returns>
    public IReadOnlyList<(SentRecord Record, KafkaException Error)> Take(CancellationToken stop)
    {
        var failures = Delivery.SealAndWaitAsync(stop).GetAwaiter().GetResult();
        Delivery = new();
        IReadOnlyList<(SentRecord, KafkaException)> failed = failures.Count == 0 ? [] : [.. failures.Select(f => (_records[f.Index], f.Error))];
        _records.Clear();
        return failed;
    }
}

/// <summary>One record on its way: where it goes, where it came from.</summary>
internal readonly record struct SentRecord(
    TaskContext Context, string Node, RecordMetadata? Record, string Topic, int? Partition, long? Timestamp, Headers Headers, DeadLetter? Source, byte[]? Key, byte[]? Value)
{
    public static SentRecord Of(scoped in OutgoingRecord record, TaskContext context, string node, bool keepBytes) => new(
        context,
        node,
        context.Record,
        record.Topic,
        record.Partition,
        record.TimestampMs,
        Headers.Of(record.Headers),
        context.Source,
        keepBytes && record.HasKey ? record.Key.ToArray() : null,
        keepBytes && record.HasValue ? record.Value.ToArray() : null);

    public ProductionError Failed(KafkaException error, int attempt) => new(
        Node, Context.Task, Record, Timestamp ?? TaskContext.NoTimestamp, Headers, attempt, error, Topic, ProductionOrigin.Broker, Key, Value);

    public OutgoingRecord Outgoing() => new()
    {
        Topic = Topic,
        Partition = Partition,
        Key = Key,
        HasKey = Key is not null,
        Value = Value,
        HasValue = Value is not null,
        Headers = Headers.Span,
        TimestampMs = Timestamp,
    };
}
