using Kafka;

namespace Streams.Processing;

/// <summary>The end of a branch: writes each record's bytes once into the task's scratch, from where the producer takes them.</summary>
internal sealed class SinkNode<TKey, TValue>(
    string name,
    string? topic,
    Func<TKey, TValue, RecordContext, string>? chooseTopic,
    ISerde<TKey> keySerde,
    ISerde<TValue> valueSerde,
    StreamPartitioner<TKey, TValue>? partitioner)
    : Node<TKey, TValue>(name)
{
    private readonly RecordBuffer _buffer = new();
    private readonly int _windowBytes = keySerde is IWindowedSerde windowed ? windowed.WindowBytes : 0;

    public override void Link(Node child) =>
        throw new TopologyException($"Sink '{Name}' is an end: '{child.Name}' cannot follow it. Read the sink's topic with a source instead.");

    public override void Process(in Record<TKey, TValue> record)
    {
        for (var attempt = 1; ; attempt++)
        {
            string? to = null;
            ProductionOrigin? failing = null;
            try
            {
                to = topic ?? chooseTopic!(record.Key, record.Value, Context.RecordContext(record.Timestamp, record.HeadersOrNull));
                failing = ProductionOrigin.Key;
                _buffer.Clear();
                if (record.HasKey)
                    keySerde.Serialize(record.Key, _buffer);
                failing = ProductionOrigin.Value;
                var keyLength = _buffer.Length;
                if (record.HasValue)
                    valueSerde.Serialize(record.Value, _buffer);
                failing = null;
                var partition = Partition(to, in record, keyLength);
                Send(to, partition, in record, keyLength);
                return;
            }
            catch (Exception error) when (IsOwn(error))
            {
                if (!TriesAgain(error, in record, attempt, to, failing))
                    return;
            }
        }
    }

    // Choosing topic and partition is user code like any other; serdes and brokers have a handler of their own.
    private bool TriesAgain(Exception error, in Record<TKey, TValue> record, int attempt, string? to, ProductionOrigin? failing) =>
        failing is not { } origin
            ? TriesAgain(error, in record, attempt)
            : Context.Errors.OnUnwritable(
                Context,
                new ProductionError(
                    Name,
                    Context.Task,
                    Context.Record,
                    record.Timestamp,
                    record.Headers,
                    attempt,
                    error,
                    to!,
                    origin,
                    record.HasKey ? record.Key : null,
                    record.HasValue ? record.Value : null),
                Context.Source);

    private void Send(string to, int? partition, in Record<TKey, TValue> record, int keyLength)
    {
        var headers = record.HeadersOrNull;
        var outgoing = new OutgoingRecord
        {
            Topic = to,
            Partition = partition,
            Key = _buffer.Span(0, keyLength),
            HasKey = record.HasKey,
            Value = _buffer.From(keyLength),
            HasValue = record.HasValue,
            Headers = headers is null ? default : headers.Span,
            TimestampMs = record.Timestamp,
        };
        Context.Collector.Send(in outgoing, Context, Name);
    }

    // Null leaves the choice to the producer, which hashes the key as Java's does.
    private int? Partition(string to, in Record<TKey, TValue> record, int keyLength)
    {
        if (partitioner is not null)
            return partitioner(to, in record, Context.Collector.Producer.PartitionCount(to));
        if (_windowBytes > 0 && record.HasKey)
            return Murmur2.Partition(_buffer.Span(0, keyLength - _windowBytes), Context.Collector.Producer.PartitionCount(to));
        return null;
    }
}
