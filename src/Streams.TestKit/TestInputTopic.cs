namespace Streams.TestKit;

/// <summary>Pipes records into a topology, one at a time; each call returns when all that the record causes has happened.</summary>
public sealed class TestInputTopic<TKey, TValue>
{
    private readonly TopologyTestDriver _driver;
    private readonly string _topic;
    private readonly ISerde<TKey> _keySerde;
    private readonly ISerde<TValue> _valueSerde;
    private readonly TimeSpan _autoAdvance;
    private readonly RecordBuffer _buffer = new();
    private DateTimeOffset? _next;

    internal TestInputTopic(
        TopologyTestDriver driver, string topic, ISerde<TKey> keySerde, ISerde<TValue> valueSerde, DateTimeOffset? start, TimeSpan autoAdvance)
    {
        (_driver, _topic, _keySerde, _valueSerde, _next, _autoAdvance) = (driver, topic, keySerde, valueSerde, start, autoAdvance);
    }

    /// <summary>Pipes a record at the topic's own time: its start moved on by each record before, or the wall clock's.</summary>
    public void PipeInput(TKey key, TValue value) => PipeInput(key, value, TakeTime());

    /// <summary>Pipes a record.</summary>
    public void PipeInput(TKey key, TValue value, DateTimeOffset at) => PipeInput(key, value, at.ToUnixTimeMilliseconds());

    /// <summary>Pipes a record at a time in milliseconds since 1970-01-01 UTC.</summary>
    public void PipeInput(TKey key, TValue value, long timestamp) => PipeInput(new Record<TKey, TValue>(key, value, timestamp));

    /// <summary>Pipes a record with its headers; make one without value by <see cref="Record{TKey, TValue}.WithoutValue"/>.</summary>
    public void PipeInput(in Record<TKey, TValue> record)
    {
        _buffer.Clear();
        if (record.HasKey)
            _keySerde.Serialize(record.Key, _buffer);
        var keyLength = _buffer.Length;
        if (record.HasValue)
            _valueSerde.Serialize(record.Value, _buffer);
        _driver.Pipe(
            _topic, _buffer.Span(0, keyLength), record.HasKey, _buffer.From(keyLength), record.HasValue, record.Timestamp, record.HeadersOrNull);
    }

    /// <summary>Pipes a record without a key, at the topic's own time.</summary>
    public void PipeInput(TValue value) => PipeInput(new TestRecord<TKey, TValue>(default!, value) { HasKey = false });

    /// <summary>Pipes a record without a key.</summary>
    public void PipeInput(TValue value, DateTimeOffset at) => PipeInput(new TestRecord<TKey, TValue>(default!, value, at) { HasKey = false });

    /// <summary>Pipes a record; one without a time of its own at the topic's.</summary>
    public void PipeInput(TestRecord<TKey, TValue> record)
    {
        ArgumentNullException.ThrowIfNull(record);
        var at = (record.RecordTime ?? TakeTime()).ToUnixTimeMilliseconds();
        PipeInput(new Record<TKey, TValue>(
            record.Key, record.Value, at, record.Headers, record.HasKey ? Absence.None : Absence.Key));
    }

    /// <summary>Pipes records in turn; those without a time of their own at the topic's.</summary>
    public void PipeRecordList(IEnumerable<TestRecord<TKey, TValue>> records)
    {
        ArgumentNullException.ThrowIfNull(records);
        foreach (var record in records)
            PipeInput(record);
    }

    /// <summary>Pipes records in turn.</summary>
    public void PipeRecordList(IEnumerable<Record<TKey, TValue>> records)
    {
        ArgumentNullException.ThrowIfNull(records);
        foreach (var record in records)
            PipeInput(in record);
    }

    /// <summary>Pipes records in turn, at the topic's own time.</summary>
    public void PipeKeyValueList(IEnumerable<KeyValue<TKey, TValue>> records)
    {
        ArgumentNullException.ThrowIfNull(records);
        foreach (var (key, value) in records)
            PipeInput(key, value);
    }

    /// <summary>Pipes records in turn: the first at <paramref name="start"/>, each one after it <paramref name="advance"/> later.</summary>
    public void PipeKeyValueList(IEnumerable<KeyValue<TKey, TValue>> records, DateTimeOffset start, TimeSpan advance)
    {
        ArgumentNullException.ThrowIfNull(records);
        foreach (var (key, value) in records)
        {
            PipeInput(key, value, start);
            start += advance;
        }
    }

    /// <summary>Pipes records without keys in turn, at the topic's own time.</summary>
    public void PipeValueList(IEnumerable<TValue> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        foreach (var value in values)
            PipeInput(value);
    }

    /// <summary>Pipes records without keys in turn: the first at <paramref name="start"/>, each one after it <paramref name="advance"/> later.</summary>
    public void PipeValueList(IEnumerable<TValue> values, DateTimeOffset start, TimeSpan advance)
    {
        ArgumentNullException.ThrowIfNull(values);
        foreach (var value in values)
        {
            PipeInput(value, start);
            start += advance;
        }
    }

    /// <summary>Moves the topic's own time on.</summary>
    public void AdvanceTime(TimeSpan advance) => _next = (_next ?? _driver.WallClockTime) + advance;

    private DateTimeOffset TakeTime()
    {
        if (_next is not { } time)
        {
            if (_autoAdvance == TimeSpan.Zero)
                return _driver.WallClockTime;
            time = _driver.WallClockTime;
        }

        _next = time + _autoAdvance;
        return time;
    }
}
