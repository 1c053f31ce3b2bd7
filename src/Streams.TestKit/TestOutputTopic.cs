namespace Streams.TestKit;

/// <summary>Reads what a topology produced to one topic. Each record is read once, in the order of production.</summary>
public sealed class TestOutputTopic<TKey, TValue>
{
    private readonly CapturedTopic _topic;
    private readonly ISerde<TKey> _keySerde;
    private readonly ISerde<TValue> _valueSerde;

    internal TestOutputTopic(CapturedTopic topic, ISerde<TKey> keySerde, ISerde<TValue> valueSerde)
    {
        (_topic, _keySerde, _valueSerde) = (topic, keySerde, valueSerde);
    }

    /// <summary>Whether everything has been read.</summary>
    public bool IsEmpty => _topic.Count == 0;

    /// <summary>How many records wait to be read.</summary>
    public int QueueSize => _topic.Count;

    /// <summary>The next record, with its time and headers.</summary>
    /// <exception cref="InvalidOperationException">Nothing is left to read.</exception>
    public Record<TKey, TValue> ReadRecord()
    {
        if (!_topic.TryTake(out var captured))
            throw new InvalidOperationException($"Nothing is left to read from topic '{_topic.Name}'.");

        var absence = (captured.Key is null ? Absence.Key : Absence.None) | (captured.Value is null ? Absence.Value : Absence.None);
        return new(
            captured.Key is { } key ? _keySerde.Deserialize(key.Span) : default!,
            captured.Value is { } value ? _valueSerde.Deserialize(value.Span) : default!,
            captured.Timestamp,
            captured.Headers,
            absence);
    }

    /// <summary>The next record's key and value.</summary>
    /// <exception cref="InvalidOperationException">Nothing is left to read.</exception>
    public KeyValue<TKey, TValue> ReadKeyValue()
    {
        var record = ReadRecord();
        return new(record.Key, record.Value);
    }

    /// <summary>The next record's value.</summary>
    /// <exception cref="InvalidOperationException">Nothing is left to read.</exception>
    public TValue ReadValue() => ReadRecord().Value;

    /// <summary>All records that wait.</summary>
    public IReadOnlyList<Record<TKey, TValue>> ReadRecordsToList()
    {
        var records = new List<Record<TKey, TValue>>(_topic.Count);
        while (!IsEmpty)
            records.Add(ReadRecord());
        return records;
    }

    /// <summary>All keys and values that wait.</summary>
    public IReadOnlyList<KeyValue<TKey, TValue>> ReadKeyValuesToList()
    {
        var records = new List<KeyValue<TKey, TValue>>(_topic.Count);
        while (!IsEmpty)
            records.Add(ReadKeyValue());
        return records;
    }

    /// <summary>All values that wait.</summary>
    public IReadOnlyList<TValue> ReadValuesToList()
    {
        var values = new List<TValue>(_topic.Count);
        while (!IsEmpty)
            values.Add(ReadValue());
        return values;
    }

    /// <summary>The last value of each key among what waits; a tombstone removes its key.</summary>
    public IReadOnlyDictionary<TKey, TValue> ReadKeyValuesToMap()
    {
        var latest = new Dictionary<TKey, TValue>();
        while (!IsEmpty)
        {
            var record = ReadRecord();
            if (!record.HasKey)
                throw new InvalidOperationException($"A record of topic '{_topic.Name}' has no key; read it with ReadRecord.");
            if (record.HasValue)
                latest[record.Key] = record.Value;
            else
                latest.Remove(record.Key);
        }

        return latest;
    }
}
